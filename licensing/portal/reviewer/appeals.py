"""An appeal, for those who decide it: what was decided and written, what the applicant says, a stay, the decision."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from licensing.audit.commands import access
from licensing.audit.refusals import Invalid
from licensing.cases.commands.appealing import decide_appeal, grant_stay, lift_stay
from licensing.cases.models import Appeal, Case
from licensing.portal.forms import add_problems
from licensing.portal.reviewer.forms import AppealForm
from licensing.portal.reviewer.views import person_of
from licensing.texts.queries import letters_about
from workflows import engine
from workflows.kernel import Actor as KernelActor


@login_required
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, reference: str) -> HttpResponse:
    """Whoever may not decide reads; the command refuses the rest."""
    person = person_of(request)
    cases = Case.objects.visible_to(person)
    found = get_object_or_404(
        Appeal.objects.select_related("case__application__organization", "workflow", "decided_by").filter(
            case__in=cases
        ),
        workflow__reference=reference,
    )
    if Case.objects.filed_for(person).filter(pk=found.case_id).exists():
        return redirect("applicant:case", control_number=found.case.control_number)
    access(person, found.case, "appeal")
    offered = engine.allowed(found.workflow, KernelActor(person=person.actor_id, label=person.actor_label))
    actions = [(action.choice, action.label) for action in offered if action.kind == "propose"]
    stay = found.stays.filter(lifted_at__isnull=True).first()
    form = AppealForm(request.POST or None, actions=actions, stayed=stay is not None)
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
        "form": form if actions else None,
        "stay": stay,
        "letters": letters_about("case", str(found.case_id)),
    }
    return render(request, "reviewer/appeal.html", context)


def _do(request: HttpRequest, appeal: Appeal, action: str, reason: str) -> None:
    person = person_of(request)
    if action == "stay":
        grant_stay(actor=person, appeal_id=appeal.pk, reason=reason)
    elif action == "lift":
        lift_stay(actor=person, appeal_id=appeal.pk, reason=reason)
    else:
        decide_appeal(actor=person, appeal_id=appeal.pk, seat="officer", action=action, reason=reason)
