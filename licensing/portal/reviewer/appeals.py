"""An appeal, for those who decide it: what was decided and written, what the applicant says, a stay, the decision."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.audit.commands import access
from licensing.audit.refusals import Invalid
from licensing.cases.models import Appeal, Case
from licensing.licenses.commands.appealing import decide_appeal, grant_stay, had_a_part, lift_stay, refuse_stay
from licensing.portal import letters
from licensing.portal.forms import add_problems
from licensing.portal.reviewer.forms import AppealForm
from licensing.portal.reviewer.views import person_of
from workflows import engine
from workflows.kernel import Actor as KernelActor

STAYS = {"stay": grant_stay, "refuse": refuse_stay, "lift": lift_stay}


@login_required
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, reference: str) -> HttpResponse:
    """Whoever may not decide reads; the command refuses the rest."""
    person = person_of(request)
    cases = Case.objects.visible_to(person)
    found = get_object_or_404(
        Appeal.objects.select_related("case__application__organization", "workflow", "decided_by", "letter").filter(
            case__in=cases
        ),
        workflow__reference=reference,
    )
    if Case.objects.filed_for(person).filter(pk=found.case_id).exists():
        return redirect("applicant:appeal", letter_id=found.letter_id)
    access(person, found.case, "appeal")
    offered = engine.allowed(found.workflow, KernelActor(person=person.actor_id, label=person.actor_label))
    actions = [(action.choice, action.label) for action in offered if action.kind == "propose"]
    apart = not had_a_part(found, person)
    stay = found.stays.open().first()
    form = AppealForm(request.POST or None, actions=actions, stay=stay)
    if request.method == "POST" and form.is_valid():
        try:
            _do(request, found, **form.cleaned_data)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "Recorded; the applicant is told.")
            return redirect("reviewer:appeal", reference=reference)
    context = {
        "appeal": found,
        "case": found.case,
        "form": form if actions and apart else None,
        "stays": found.stays.all(),
        "letters": letters.shown(found.letter.subject_kind, found.letter.subject_id, timezone.now()),
    }
    return render(request, "reviewer/appeal.html", context)


def _do(request: HttpRequest, appeal: Appeal, action: str, reason: str) -> None:
    person = person_of(request)
    if action in STAYS:
        STAYS[action](actor=person, appeal_id=appeal.pk, reason=reason)
    else:
        decide_appeal(actor=person, appeal_id=appeal.pk, seat="officer", action=action, reason=reason)
