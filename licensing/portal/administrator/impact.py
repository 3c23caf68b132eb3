"""What a draft would change, and what a version has changed: ask, watch it being worked out, read it, take it away as CSV."""

import csv
import uuid
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from licensing.accounts.models import Person
from licensing.accounts.queries import authority
from licensing.audit.refusals import Invalid
from licensing.countries.sheets import FORMULA
from licensing.oversight.commands.asking import ask_impact
from licensing.oversight.models import Affected, AffectedQuerySet, ImpactRun
from licensing.oversight.permissions import may_see_impact
from licensing.oversight.queries import Count, counts, runs_of
from licensing.policy.queries import KINDS
from licensing.portal.administrator.forms import PublishForm
from licensing.portal.administrator.views import administrator
from licensing.portal.forms import add_problems
from licensing.publishing.models import OPEN, Publication

PAGE = 50
AT_ONCE = 2000
COLUMNS = (
    "kind", "number", "company", "requirement before", "requirement now", "review policy before", "review policy now", "exception before",
    "exception now", "license becomes", "why",
)  # fmt: skip


class AskForm(PublishForm):
    """The instant as of which the two are compared, as that from which a version holds."""


class FilterForm(forms.Form):
    kind = forms.ChoiceField(
        label="Show", choices=[("", "Applications and licenses"), ("case", "Applications"), ("license", "Licenses")], required=False
    )  # fmt: skip
    change = forms.ChoiceField(label="Change", required=False)
    effect = forms.ChoiceField(
        label="Licenses that are",
        choices=[("", "Any"), *((value, label) for value, label in Affected.Effect.choices if value)],
        required=False,
    )

    def narrowed(self, rows: AffectedQuerySet) -> AffectedQuerySet:
        given = self.cleaned_data if self.is_valid() else {}
        if given.get("kind"):
            rows = rows.filter(license__isnull=given["kind"] == "case")
        if given.get("change"):
            before, _, after = given["change"].partition(":")
            rows = rows.filter(requirement_before=before, requirement_after=after)
        return rows.filter(effect=given["effect"]) if given.get("effect") else rows


def publication_or_404(person: Person, publication_id: int) -> Publication:
    """A version of something that answers rest on; what the person may not know of does not exist."""
    found = get_object_or_404(Publication, pk=publication_id, kind__in=KINDS)
    if not may_see_impact(person, found):
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "POST"])
def impact(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Ask what a draft would change; and everything that was worked out about it."""
    person = administrator(request)
    publication = publication_or_404(person, publication_id)
    form = AskForm(request.POST or None, zone=ZoneInfo(authority().time_zone))
    if request.method == "POST" and form.is_valid():
        try:
            run = ask_impact(actor=person, publication_id=publication.pk, at=form.cleaned_data["effective_at"])
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("administrator:impact_run", run_id=run.pk)
    context = {"publication": publication, "form": form, "open": publication.state in OPEN, "now": timezone.now()}
    return render(request, "administrator/impact.html", context | {"runs": runs_of(publication, person)})


def run_or_404(request: HttpRequest, run_id: uuid.UUID) -> tuple[ImpactRun, AffectedQuerySet]:
    """A run and those of its rows that the person may read. A preview is for whoever asked for it."""
    person = administrator(request)
    run = get_object_or_404(ImpactRun.objects.select_related("publication", "asked_by"), pk=run_id)
    publication_or_404(person, run.publication_id)
    if run.asked_by not in (None, person):
        raise Http404
    rows = Affected.objects.filter(run=run).told_to(person)
    return run, rows.select_related("case__application__organization", "license")


@login_required
@require_GET
def impact_run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """How far it has come, how many it touches, and which."""
    run, rows = run_or_404(request, run_id)
    found = counts(rows)
    form = _filter(request, found)
    page = Paginator(form.narrowed(rows), PAGE).get_page(request.GET.get("page"))
    context = {
        "run": run,
        "publication": run.publication,
        "counts": found,
        "form": form,
        "page": page,
        "now": timezone.now(),
    }
    return render(request, "administrator/impact_run.html", context)


def _filter(request: HttpRequest, found: list[Count]) -> FilterForm:
    """What the rows can be narrowed by; nothing that would leave all of them, or none."""
    form = FilterForm(request.GET or None)
    changes = sorted({(row.before, row.after) for row in found})
    named = [(f"{before}:{after}", f"{_words(before)} to {_words(after)}") for before, after in changes]
    form.fields["change"].choices = [("", "Any"), *named]  # type: ignore[attr-defined]
    kinds, effects = {row.is_license for row in found}, {row.effect for row in found}
    for name, different in (("kind", kinds), ("change", changes), ("effect", effects)):
        if len(different) < 2:
            del form.fields[name]
    return form


def _words(code: str) -> str:
    return code.replace("_", " ")


@login_required
@require_GET
def impact_csv(request: HttpRequest, run_id: uuid.UUID) -> StreamingHttpResponse:
    """The rows that the filters leave, as CSV, as they come from the database."""
    run, rows = run_or_404(request, run_id)
    lines = _lines(_filter(request, counts(rows)).narrowed(rows))
    name = f"impact-{run.publication.key}-{run.publication.version}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


class _Echo:
    """What the writer writes is what it returns: a line at a time."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: AffectedQuerySet) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in rows.iterator(chunk_size=AT_ONCE):
        cells = [
            "license" if row.license else "application", row.license.number if row.license else row.case.control_number,
            row.case.application.organization.name, row.requirement_before, row.requirement_after, row.before["review_policy"],
            row.after["review_policy"], row.before["exception"], row.after["exception"], row.effect, "; ".join(row.reasons),
        ]  # fmt: skip
        yield writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
