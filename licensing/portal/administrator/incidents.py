"""What is stuck, and an administrator's ways to help: each act calls one command, and the engine says which are offered."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.accounts.models import Person
from licensing.accounts.permissions import is_cleared
from licensing.audit.commands import access
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow
from licensing.cases.commands import rescuing
from licensing.cases.commands.filing import kernel_actor
from licensing.cases.models import Case
from licensing.cases.queries import incidents_told_to
from licensing.portal.administrator import rescue_pages as pages
from licensing.portal.administrator.rescue_forms import RescueForm
from licensing.portal.administrator.views import administrator
from licensing.portal.forms import add_problems
from licensing.portal.reviewer.pages import stage_lines
from workflows import engine, reports
from workflows.kernel import Action
from workflows.models import Incident, OutboxRow

PAGE = 20
SETTLED = 20


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Open incidents of cases, failed work of no case, and what has been settled lately."""
    told = incidents_told_to(administrator(request))
    waiting = told.filter(resolved_at__isnull=True).order_by("opened_at", "pk")
    page = Paginator(waiting.filter(instance__isnull=False).select_related("instance"), PAGE).get_page(
        request.GET.get("page")
    )
    settled = told.filter(resolved_at__isnull=False).select_related("instance", "row")
    context = {
        "page": page,
        "stuck": pages.stuck(page.object_list),
        "work": [
            (incident, pages.what(incident)) for incident in waiting.filter(row__isnull=False).select_related("row")
        ],
        "settled": [(incident, pages.what(incident)) for incident in settled.order_by("-resolved_at")[:SETTLED]],
    }
    return render(request, "administrator/incidents.html", context)


@login_required
@require_POST
def again(request: HttpRequest, row_id: uuid.UUID) -> HttpResponse:
    person = administrator(request)
    row = get_object_or_404(OutboxRow, pk=row_id)
    rescuing.try_again(actor=person, row_id=row.pk)
    messages.success(request, "The work is owed again, and is tried at once.")
    return redirect("administrator:incidents")


def case_or_404(request: HttpRequest, control_number: str) -> tuple[Person, Case]:
    """The administrator who asks, and any case that they may know of: what stands in it otherwise is not for them."""
    person = administrator(request)
    cases = Case.objects.select_related("workflow__definition")
    if not is_cleared(person):
        cases = cases.exclude(pk__in=Case.objects.confidential().values("pk"))
    return person, get_object_or_404(cases, control_number=control_number)


@login_required
def case(request: HttpRequest, control_number: str) -> HttpResponse:
    """Where one case stands, and everything that the administrator can do for it now."""
    person, found = case_or_404(request, control_number)
    access(person, found, "where the case stands")
    waiting = pages.proposed(found)
    incidents = Incident.objects.filter(instance=found.workflow).select_related("instance").order_by("-opened_at")
    context = {
        "case": found,
        "stuck": pages.stuck(incidents.filter(resolved_at__isnull=True)),
        "proposed": waiting,
        "proposed_stage": pages.stage_words(found, waiting.stage) if waiting else "",
        "rescues": pages.offered(_actions(person, found), waiting),
        "seats": pages.seat_lines(found),
        "stages": stage_lines(reports.stage_times(found.workflow, timezone.now())),
        "trail": trail(found),
    }
    return render(request, "administrator/case.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def rescue(request: HttpRequest, control_number: str, key: str) -> HttpResponse:
    """One rescue: its reason and what it has to be told, then the command."""
    person, found = case_or_404(request, control_number)
    wanted = pages.RESCUES.get(key)
    if wanted is None:
        raise Http404
    waiting, actions = pages.proposed(found), _actions(person, found)
    if request.method == "GET" and wanted not in pages.offered(actions, waiting):
        raise NotNow("not_offered", "This cannot be done for the case as it stands.")
    form = RescueForm(request.POST or None, choice=pages.asked(wanted, found, actions, waiting))
    if request.method == "POST" and form.is_valid():
        try:
            outcome = rescuing.rescue(actor=person, case_id=found.pk, kind=wanted.kind, **form.told())
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, pages.done(wanted, outcome.events))
            return redirect("administrator:case", control_number=control_number)
    context = {
        "form": form,
        "case": found,
        "rescue": wanted,
        "proposed": waiting if key == "agree" else None,
        "proposed_stage": pages.stage_words(found, waiting.stage) if waiting else "",
    }
    return render(request, "administrator/rescue.html", context)


def _actions(person: Person, case: Case) -> list[Action]:
    return engine.rescues(case.workflow, kernel_actor(person))
