"""Control orders that have been disclosed: what they say, version by version. Of others nothing is here, not even that there are any."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licensing.accounts.audience import PUBLIC
from licensing.policy.models import ControlOrder
from licensing.policy.order_versions import lines_of
from licensing.policy.queries import ORDER
from licensing.publishing.models import Publication, PublicationState


def disclosed() -> list[ControlOrder]:
    told = ControlOrder.objects.told_to(PUBLIC, timezone.now())
    return list(told.select_related("organization", "disclosure").order_by("-disclosure__disclosed_at"))


def versions(key: str) -> list[Publication]:
    published = Publication.objects.filter(kind=ORDER, key=key, state=PublicationState.PUBLISHED)
    return list(published.order_by("-effective_at", "-version"))


@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Every order that everybody may know of."""
    return render(request, "public/orders.html", {"orders": [(order, versions(order.key)[0]) for order in disclosed()]})


@require_safe
def order(request: HttpRequest, key: str) -> HttpResponse:
    """One order with all its versions, the newest first."""
    told = ControlOrder.objects.told_to(PUBLIC, timezone.now()).select_related("organization", "disclosure")
    found = get_object_or_404(told, key=key)
    shown = [(version, lines_of(version)) for version in versions(key)]
    return render(request, "public/order.html", {"order": found, "versions": shown})
