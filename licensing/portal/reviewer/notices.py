"""What companies notify, certify, file and report under authorizations without a case: a queue with clocks, and a page for each."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.accounts.models import Person
from licensing.audit.commands import access
from licensing.audit.refusals import NotPermitted
from licensing.countries.queries import names
from licensing.licenses.authorizations import catalog
from licensing.licenses.authorizations.answers import WORDS, Said
from licensing.licenses.authorizations.duties import figure, report_due
from licensing.licenses.commands.answering import REGISTRATION, answer_duty, free_at, sayable
from licensing.licenses.models import DutyAnswer, DutyRecord, Registration
from licensing.licenses.permissions import may_rule
from licensing.portal import letters
from licensing.portal.forms import carried_out
from licensing.portal.reviewer.views import person_of

Kind = DutyRecord.Kind
ANSWERED_EACH = (Kind.NOTICE, Kind.CERTIFICATION, Kind.FILING)  # a report waits for nobody


class AnswerForm(forms.Form):
    kind = forms.ChoiceField(label="What do you say?", widget=forms.RadioSelect)
    text = forms.CharField(
        label="Reasons, or your question", help_text="The company reads it in a letter.", widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )  # fmt: skip

    def __init__(self, *args: Any, may: list[Said], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(said.value, WORDS[said]) for said in may]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Row:
    """A record in the queue; `free_at` is when the days of a notice are over."""

    record: DutyRecord
    status: str
    free_at: datetime | None
    days_left: int | None


def _row(kept: DutyRecord, at: datetime) -> Row:
    free = free_at(kept, at)
    left = max((free - at).days + 1, 0) if free and free > at else None
    return Row(kept, kept.standing().status, free, left)


def _officer(request: HttpRequest) -> Person:
    if not may_rule(person_of(request)):
        raise NotPermitted("not_an_officer", "Only officers of the licensing authority see this page.")
    return person_of(request)


def _records() -> QuerySet[DutyRecord]:
    return DutyRecord.objects.select_related("registration__organization", "recorded_by").prefetch_related("answers")


def _waiting(records: QuerySet[DutyRecord]) -> QuerySet[DutyRecord]:
    """Those to which nothing was said yet, and those of which a question was answered; notices first, the oldest first."""
    last = DutyAnswer.objects.filter(record=OuterRef("pk")).order_by("-pk").values("kind")[:1]
    return records.annotate(last=Subquery(last)).filter(
        Q(last__isnull=True, kind__in=ANSWERED_EACH) | Q(last=Said.ANSWERED)
    )


@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """What waits for the authority; `?show=all` for everything, `?kind=` and `?find=` (company or recipient) narrow it."""
    _officer(request)
    now, records = timezone.now(), _records()
    kind, wanted = request.GET.get("kind", ""), request.GET.get("find", "").strip()[:100]
    if request.GET.get("show") != "all":
        records = _waiting(records)
    if kind in Kind.values:
        records = records.filter(kind=kind)
    if wanted:
        records = records.filter(Q(recipient__icontains=wanted) | Q(registration__organization__name__icontains=wanted))
    clocks = Case(When(kind=Kind.NOTICE, then=Value(0)), default=Value(1), output_field=IntegerField())
    page = Paginator(records.order_by(clocks, "recorded_at", "pk"), 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(each, now) for each in page],
        "kinds": Kind.choices,
        "kind": kind,
        "find": wanted,
    }
    return render(request, "reviewer/notices.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def notice(request: HttpRequest, record_id: int) -> HttpResponse:
    """One record: what was said under which authorization, how much of the year's limit is used, and what may be said to it."""
    person, now = _officer(request), timezone.now()
    found = get_object_or_404(_records(), pk=record_id)
    access(person, found.registration, f"record {found.pk}")
    may = sayable(found, now)
    form = AnswerForm(request.POST or None, may=may)
    act = lambda data: answer_duty(actor=person, record_id=found.pk, at=now, **data)  # noqa: E731 - one call
    if request.method == "POST" and carried_out(form, act):
        messages.success(request, "Recorded; the company is told by letter.")
        return redirect("reviewer:notice", record_id=found.pk)
    others = found.registration.records.exclude(pk=found.pk).filter(recipient_hash=found.recipient_hash)
    context = {
        "row": _row(found, now),
        "record": found,
        "authorization": catalog.find_published(found.registration.authorization, now),
        "answers": found.answers.select_related("said_by"),
        "limit": _limit(found, now),
        "others": [_row(each, now) for each in others.prefetch_related("answers").select_related("registration")],
        "letters": letters.shown(REGISTRATION, str(found.registration_id), now),
        "form": form if may else None,
        "countries": names(),
    }
    return render(request, "reviewer/notice.html", context)


@dataclass(frozen=True)
class Limit:
    """What a recipient has taken of the limit of a calendar year."""

    year: int
    used: str
    cap: str
    unit: str


def _limit(kept: DutyRecord, at: datetime) -> Limit | None:
    found = catalog.find_published(kept.registration.authorization, at)
    if found is None or found.duties.cap_per_year is None or not kept.recipient_hash:
        return None
    used: Decimal = catalog.done(kept.registration, kept.recipient_hash, at).used_in(at.year)
    return Limit(at.year, figure(used), figure(found.duties.cap_per_year), found.duties.unit)


@dataclass(frozen=True)
class User:
    """A company that uses an authorization, and when its next report is due."""

    registration: Registration
    title: str
    due: datetime | None
    overdue: bool


@login_required
def registrations(request: HttpRequest) -> HttpResponse:
    """Who uses which authorization, and whose report is overdue."""
    _officer(request)
    now = timezone.now()
    rows = Registration.objects.filter(ended_at__isnull=True).select_related("organization").prefetch_related("records")
    page = Paginator(rows.order_by("organization__name", "authorization"), 50).get_page(request.GET.get("page"))
    return render(request, "reviewer/registrations.html", {"page": page, "rows": [_user(each, now) for each in page]})


def _user(registration: Registration, at: datetime) -> User:
    found = catalog.find_published(registration.authorization, at)
    due = report_due(found.duties, catalog.reported(registration)) if found else None
    title = found.title if found else registration.authorization
    return User(registration, title, due, bool(due and at > due))
