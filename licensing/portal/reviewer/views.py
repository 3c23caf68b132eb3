"""The unit queue, the case page, and every act of a reviewer: each view calls one command."""

import uuid
from collections.abc import Callable
from typing import Any, cast

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.accounts.models import Person
from licensing.accounts.permissions import is_cleared, pools_of
from licensing.accounts.queries import names_of
from licensing.audit.commands import access
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.cases import gates
from licensing.cases.commands import deciding, reviewing
from licensing.cases.commands.adjudicating import decide_case_hit
from licensing.cases.commands.proposals import FAVORABLE
from licensing.cases.letters import letter_of
from licensing.cases.models import Case
from licensing.cases.permissions import may_work_on
from licensing.cases.practice import practice
from licensing.cases.queries import recommendations_shown, recommended_conditions, trail_shown
from licensing.countries.queries import names
from licensing.documents.models import Document
from licensing.documents.queries import open_file
from licensing.oversight.queries import last_change
from licensing.portal import letters
from licensing.portal.applicant.pages import sections
from licensing.portal.forms import add_problems
from licensing.portal.reviewer import forms, pages
from licensing.portal.reviewer.propose_form import ProposeForm
from licensing.screening.commands import answer_taking_back, confirm_hit, take_back
from licensing.screening.models import Hit
from licensing.screening.queries import earlier_decisions, failures, hits
from workflows import engine, reports
from workflows.kernel import Action
from workflows.kernel import Actor as KernelActor
from workflows.models import Seat


def person_of(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def case_or_404(request: HttpRequest, control_number: str) -> Case:
    """A case that the person may see as a reviewer; what they may not see does not exist."""
    cases = Case.objects.visible_to(person_of(request)).select_related(
        "application__organization", "workflow__definition", "determination__confidential", "screening_run"
    )
    found = get_object_or_404(cases, control_number=control_number)
    if not may_work_on(person_of(request), found):
        raise NotPermitted("not_a_reviewer", "You do not review this case.")
    return found


def allowed(request: HttpRequest, case: Case) -> list[Action]:
    person = person_of(request)
    return engine.allowed(case.workflow, KernelActor(person=person.actor_id, label=person.actor_label))


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """Open seats of the person's units, the most urgent first; `?unit=` and `?mine=1` narrow it."""
    pools = pools_of(person_of(request))
    wanted = request.GET.get("unit", "")
    seats = Seat.objects.open_for({wanted} if wanted in pools else pools, person_of(request).actor_id)
    if not is_cleared(person_of(request)):
        hidden = Case.objects.confidential()
        seats = seats.exclude(instance__case__in=hidden).exclude(instance__appeal__case__in=hidden)
    if request.GET.get("mine"):
        seats = seats.filter(holder=person_of(request).actor_id)
    ways = ("case__", "appeal__case__")
    seats = seats.select_related(*(f"instance__{way}application__organization" for way in ways))
    page = Paginator(seats, 50).get_page(request.GET.get("page"))
    return render(
        request, "reviewer/queue.html", {"page": page, "pools": sorted(pools), "unit": wanted, "now": timezone.now()}
    )


@login_required
def case(request: HttpRequest, control_number: str) -> HttpResponse:
    found = case_or_404(request, control_number)
    access(person_of(request), found, "case file")
    now = timezone.now()
    actions = allowed(request, found)
    return render(
        request,
        "reviewer/case.html",
        {
            "case": found,
            "seats": [seat for seat in pages.by_seat(actions) if seat.any],
            "acts": pages.acts(actions),
            "sections": sections(found.as_filed, names()),
            "clocks": pages.clock_lines(reports.clocks(found.workflow, now)),
            "stages": pages.stage_lines(reports.stage_times(found.workflow, now)),
            "changed": last_change(found, person_of(request)),
            "gates": gates.look(found.pk, now),
            "recommendations": recommendations_shown(found, person_of(request)),
            "questions": found.questions.select_related("asked_by"),
            "decisions": found.decisions.select_related("officer", "countersigned_by").prefetch_related("items__item"),
            "hits": hits("case", str(found.pk)),
            "unscreened": failures("case", now).filter(subject_id=str(found.pk)).first(),
            "attachments": found.application.attachments.all(),
            "documents": Document.objects.filter(subject_kind="case", subject_id=str(found.pk)),
            "licenses": found.licenses.issued(),
            "letters": letters.shown("case", str(found.pk), now),
            "may_write": person_of(request).reviews_for_authority(),
            "trail": trail_shown(found, person_of(request)),
        },
    )


def _act(
    request: HttpRequest,
    case: Case,
    form: django_forms.Form,
    title: str,
    act: Callable[[dict[str, Any]], object],
    done: str,
) -> HttpResponse:
    """Validate, call the command, go back to the case."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, done)
            return redirect("reviewer:case", control_number=case.control_number)
    return render(request, "reviewer/act.html", {"form": form, "case": case, "title": title})


def _seat(request: HttpRequest, case: Case, seat: str) -> pages.SeatActions:
    """What the seat offers; a seat that offers nothing refuses in the command, with its reason."""
    for actions in pages.by_seat(allowed(request, case)):
        if actions.seat == seat:
            return actions
    return pages.SeatActions(seat, case.workflow.stage, (), (), False, False, False, False)


@login_required
@require_POST
def claim(request: HttpRequest, control_number: str, seat: str) -> HttpResponse:
    found = case_or_404(request, control_number)
    reviewing.claim_seat(actor=person_of(request), case_id=found.pk, seat=seat)
    return redirect("reviewer:case", control_number=control_number)


@login_required
@require_POST
def release(request: HttpRequest, control_number: str, seat: str) -> HttpResponse:
    found = case_or_404(request, control_number)
    reviewing.release_seat(actor=person_of(request), case_id=found.pk, seat=seat)
    return redirect("reviewer:case", control_number=control_number)


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, control_number: str, kind: str, seat: str = "") -> HttpResponse:
    """Step aside, lend work, hold, appeal, lift: what the engine offers besides votes and decisions."""
    found = case_or_404(request, control_number)
    offered = next(
        (each for each in pages.acts(allowed(request, found)) if (each.kind, each.seat) == (kind, seat)), None
    )
    shown = offered or pages.unoffered(kind, seat)
    form = forms.ActForm(request.POST if request.method == "POST" else None, act=shown, names=names_of(shown.choices))

    def do(data: dict[str, Any]) -> object:
        return reviewing.act_on_case(actor=person_of(request), case_id=found.pk, kind=kind, seat=seat, **data)

    return _act(request, found, form, shown.title, do, shown.done)


@login_required
@require_http_methods(["GET", "POST"])
def recommend(request: HttpRequest, control_number: str, seat: str) -> HttpResponse:
    found = case_or_404(request, control_number)
    votes = list(_seat(request, found, seat).votes)
    form = forms.RecommendForm(request.POST or None, case=found, votes=votes, initial={"seat": seat})

    def act(data: dict[str, Any]) -> object:
        return reviewing.recommend(
            actor=person_of(request),
            case_id=found.pk,
            seat=seat,
            vote=data["vote"],
            note=data["note"],
            conditions=form.chosen("conditions"),
            denied_items=[int(number) for number in data["denied_items"]],
            statutory_basis=data["statutory_basis"],
            regulatory_basis=data["regulatory_basis"],
        )

    return _act(request, found, form, "Recommend", act, "Your recommendation is recorded.")


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, control_number: str, seat: str) -> HttpResponse:
    found = case_or_404(request, control_number)
    form = forms.AskForm(request.POST or None, initial={"seat": seat})

    def act(data: dict[str, Any]) -> object:
        return reviewing.ask_applicant(actor=person_of(request), case_id=found.pk, seat=seat, question=data["question"])

    return _act(request, found, form, "Ask the applicant", act, "The question is sent; the clock is stopped.")


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, control_number: str, seat: str) -> HttpResponse:
    """Decide in two pages: choose with reasons, then confirm what will be signed, with the letter that tells of it."""
    found = case_or_404(request, control_number)
    manner = practice(found.workflow.definition.key, timezone.now())
    form = ProposeForm(
        request.POST or None,
        case=found,
        actions=list(_seat(request, found, seat).proposals),
        manner=manner,
        initial={"seat": seat},
    )
    if request.method == "POST" and form.is_valid() and "confirmed" not in request.POST:
        try:
            texts = {name: reviewing.pinned_texts(form.chosen(name)) for name in form.texts}
            letter = letter_of(found, form.proposal(), manner)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            context = {"form": form, "case": found, "seat": seat, "recommended": recommended_conditions(found), **texts}
            context |= {"letter": letter, "items": form.items(), "favorable": form.cleaned_data["action"] in FAVORABLE}
            return render(request, "reviewer/confirm.html", context)

    def act(data: dict[str, Any]) -> object:
        return deciding.decide_case(actor=person_of(request), case_id=found.pk, seat=seat, proposal=form.proposal())

    return _act(request, found, form, "Decide", act, "Your decision is recorded.")


@login_required
@require_http_methods(["GET", "POST"])
def countersign(request: HttpRequest, control_number: str, seat: str) -> HttpResponse:
    found = case_or_404(request, control_number)
    form = forms.CountersignForm(request.POST or None, initial={"seat": seat})

    def act(data: dict[str, Any]) -> object:
        if data["verdict"] == "agree":
            return deciding.countersign(actor=person_of(request), case_id=found.pk, seat=seat)
        return deciding.return_proposal(actor=person_of(request), case_id=found.pk, seat=seat, reason=data["reason"])

    return _act(request, found, form, "Countersign", act, "Recorded.")


@login_required
@require_http_methods(["GET", "POST"])
def hit(request: HttpRequest, control_number: str, hit_id: int) -> HttpResponse:
    """One screening hit: why it matched, side by side, and the reviewer's decision."""
    found = case_or_404(request, control_number)
    match = get_object_or_404(hits("case", str(found.pk)), pk=hit_id)
    form = forms.HIT_FORMS.get(match.status, forms.HitForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = _act_on_hit(person_of(request), found, match, form)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, done)
            return redirect("reviewer:case", control_number=control_number)
    context = {
        "form": form,
        "case": found,
        "hit": match,
        "shown": pages.side_by_side(match),
        "earlier": earlier_decisions(match),
    }
    return render(request, "reviewer/hit.html", context)


def _act_on_hit(actor: Person, case: Case, match: Hit, form: django_forms.Form) -> str:
    """What may be done with a hit as it stands; returns what was done."""
    if isinstance(form, forms.TakeBackForm):
        return pages.taken_back(take_back(actor=actor, hit_id=match.pk, **form.cleaned_data).status)
    if isinstance(form, forms.TakingBackForm):
        return pages.taken_back(answer_taking_back(actor=actor, hit_id=match.pk, **form.cleaned_data).status)
    asked = decide_case_hit(actor=actor, case_id=case.pk, hit_id=match.pk, **form.cleaned_data)
    return pages.hit_decided(bool(asked), form.cleaned_data["question"])


@login_required
@require_POST
def hit_confirm(request: HttpRequest, control_number: str, hit_id: int) -> HttpResponse:
    """A second person confirms a true match."""
    found = case_or_404(request, control_number)
    match: Hit = get_object_or_404(hits("case", str(found.pk)), pk=hit_id)
    confirm_hit(actor=person_of(request), hit_id=match.pk)
    return redirect("reviewer:case", control_number=control_number)


@login_required
def document(request: HttpRequest, control_number: str, document_id: uuid.UUID) -> FileResponse:
    found = case_or_404(request, control_number)
    stored = get_object_or_404(Document, pk=document_id, subject_kind="case", subject_id=str(found.pk))
    access(person_of(request), found, f"document {stored.kind}")
    return FileResponse(open_file(stored), as_attachment=True, filename=stored.filename, content_type="application/pdf")
