"""After a publication: what it touches is determined again, flagged, frozen or freed, and its people are told.

Each application and license is one transaction, on its locked row: done whole, or not at all, and once, since a second look finds
nothing that differs.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Q

from licensing.audit.actors import SYSTEM
from licensing.audit.commands import record
from licensing.audit.models import Chained
from licensing.audit.refusals import Invalid
from licensing.cases.commands.redetermining import determine_again
from licensing.cases.models import Case
from licensing.licenses.commands.conditions import lapse_decontrolled
from licensing.licenses.commands.standing import lift_suspension, locked, suspend_license
from licensing.licenses.models import License, LicenseText, Suspension
from licensing.licenses.queries import status
from licensing.oversight import notices
from licensing.oversight.comparing import LICENSE, UNREADABLE, Binding, Said, Subject, effect, licensed, said
from licensing.oversight.events import ImpactEvent
from licensing.oversight.models import Affected, ImpactRun
from licensing.policy.changes import Answer, reasons
from licensing.policy.commands.determining import record_determination
from licensing.policy.models import ControlOrder, DeterminationRecord
from licensing.policy.rulesets import Requirement

FROZEN = "The authority has ordered that nothing more is done under it until it is freed."
FREED = "The order that froze it does not reach it any more."
ORDER = "Order "  # with its number, which tells nobody what it says
JUST_BEFORE = timedelta(microseconds=1)


class Acting:
    """The work of a run that a publication owes, under the rules of now."""

    size = 50  # each may be some 50 ms of work, and a task has 30 s

    def __init__(self, run: ImpactRun, now: datetime) -> None:
        self.run, self.now = run, now
        self.rules = Binding(now)
        self.orders = {key: f"{ORDER}{pk}" for key, pk in ControlOrder.objects.values_list("key", "pk")}

    @cached_property
    def before(self) -> Binding:
        """The rules just before the version took hold."""
        return Binding(self.run.at - JUST_BEFORE)

    def batch(self, subjects: list[Subject]) -> None:
        suspended = suspended_by_order((each.license_id for each in subjects if each.license_id), self.now)
        answers = [(subject, self._said(self.rules, subject)) for subject in subjects]
        for subject, found in answers:
            if subject.license_id is None:
                if found.answer != self._relied_on(subject):
                    self._case(subject)
            elif found.answer != self._relied_on(subject) or self._freezing(found) != suspended[subject.license_id]:
                self._license(subject.license_id, subject, found)
        for license_id, numbers in self._decontrolled(answers).items():
            lapse_decontrolled(license_id=license_id, numbers=numbers)

    def _decontrolled(self, answers: Iterable[tuple[Subject, Said]]) -> Mapping[uuid.UUID, list[int]]:
        """The standing conditions, by license, of items that needed a license just before and need none now (15 CFR 750.7(i))."""
        of = {subject.license_id: (subject, found) for subject, found in answers if subject.license_id}
        free = [pk for pk, (_, found) in of.items() if _needs_none(found)]
        standing = LicenseText.objects.filter(license__in=of, kind=LicenseText.Kind.CONDITION, lapsed_at__isnull=True)
        found: dict[uuid.UUID, list[int]] = defaultdict(list)
        for text in standing.filter(Q(license__in=free) | ~Q(items=[])):
            subject, whole = of[text.license_id]
            part = replace(subject, filed=licensed(subject.filed, text.items)) if text.items else subject
            now = self._said(self.rules, part) if text.items else whole
            if _needs_none(now) and not _needs_none(self._said(self.before, part)):
                found[text.license_id].append(text.number)
        return found

    def _said(self, rules: Binding, subject: Subject) -> Said:
        binding = rules.of(subject.organization_id)
        return said(binding, binding.facts(subject.filed))

    def _relied_on(self, subject: Subject) -> Answer:
        """The answer that was kept; of a license that has none of its own, that of the rules just before."""
        if subject.kept is None:
            return self._said(self.before, subject).answer
        return self.rules.relied_on(subject.organization_id, subject.kept, subject.in_full)

    def _freezing(self, found: Said) -> frozenset[str]:
        return frozenset(self.orders[key] for key in found.freezing)

    def _case(self, subject: Subject) -> None:
        with transaction.atomic():
            case = Case.objects.locked(subject.case_id)
            if case.closed_at is not None or case.determination is None:
                return
            kept, company = case.determination, subject.organization_id
            before = self.rules.relied_on(company, kept.answer, kept.in_full)
            try:
                again = determine_again(case=case, kept=before, rules=self.rules.of(company), at=self.now)
            except Invalid as invalid:
                self._unreadable(case, before, str(invalid))
                return
            if again is not None:
                self._tell_case(case, before, again.in_full, reasons(before, again.in_full))

    def _unreadable(self, case: Case, before: Mapping[str, Any], why: str) -> None:
        """Facts that today's rules cannot read: the kept answer stays, the gate stays shut, and people are told once."""
        last = case.impact.filter(run__purpose=ImpactRun.Purpose.PUBLISHED, license__isnull=True).last()
        if last is None or last.after != UNREADABLE.to_json():
            self._tell_case(case, before, {**UNREADABLE.to_json(), "rules": []}, [why])

    def _tell_case(self, case: Case, before: Mapping[str, Any], after: Mapping[str, Any], why: list[str]) -> None:
        affected = self._note(before, after, case_id=case.pk, reasons=why, company=case.application.organization_id)
        self._record(case, ImpactEvent.CASE_CHANGED, affected, case.control_number)
        notices.case_changed(case, affected)

    def _license(self, license_id: uuid.UUID, subject: Subject, found: Said) -> None:
        with transaction.atomic():
            license_ = locked(license_id)
            if status(license_, self.now).for_good:
                return
            frozen, freezing = suspended_by_order([license_id], self.now)[license_id], self._freezing(found)
            before = self._last_answer(license_, subject)
            if Answer.kept(before) != found.answer or frozen != freezing:
                self._tell_license(license_, subject, before, effect(subject, frozen, freezing))
            for order in sorted(freezing - frozen):
                suspend_license(actor=SYSTEM, license_id=license_id, reason=FROZEN, ordered_by=order)
            for order in sorted(frozen - freezing):
                lift_suspension(actor=SYSTEM, license_id=license_id, reason=FREED, ordered_by=order)

    def _last_answer(self, license_: License, subject: Subject) -> Mapping[str, Any]:
        own = DeterminationRecord.objects.filter(subject_kind=LICENSE, subject_id=str(license_.pk))
        last = own.select_related("confidential").order_by("-id").first()
        if last is None:
            return self._said(self.before, subject).detail
        return self.rules.relied_on(subject.organization_id, last.answer, last.in_full)

    def _tell_license(self, license_: License, subject: Subject, before: Mapping[str, Any], becomes: str) -> None:
        """Before it is frozen or freed: those commands read the row anew."""
        facts = self.rules.of(subject.organization_id).facts(subject.filed)
        again = record_determination(
            subject_kind=LICENSE, subject_id=str(license_.pk), facts=facts, at=self.now, actor=SYSTEM,
            applicant=subject.organization_id,
        )  # fmt: skip
        affected = self._note(
            before, again.in_full, case_id=license_.case_id, license=license_, effect=becomes, company=subject.organization_id,
            reasons=reasons(before, again.in_full),
        )  # fmt: skip
        self._record(license_, ImpactEvent.LICENSE_CHANGED, affected, license_.number)
        notices.license_changed(license_, affected)

    def _note(self, before: Mapping[str, Any], after: Mapping[str, Any], *, company: int, **fields: Any) -> Affected:
        was, now = Answer.kept(before), Answer.kept(after)
        return Affected.objects.create(
            run=self.run, requirement_before=was.requirement, requirement_after=now.requirement, before=was.to_json(),
            after=now.to_json(), at=self.now, orders=self.rules.told_in_confidence(company, before, after), **fields,
        )  # fmt: skip

    def _record(self, row: Chained, event: ImpactEvent, affected: Affected, subject: str) -> None:
        """In the trail of the case or license; what rests on a confidential order, in the trail of that order."""
        secret = ControlOrder.objects.filter(key__in=affected.orders).order_by("pk").select_for_update(of=("self",))
        places: list[Chained] = [*secret] or [row]
        for place in places:
            record(
                place, event, actor=SYSTEM, subject=subject, publication=_named(self.run),
                before=affected.requirement_before.replace("_", " "), after=affected.requirement_after.replace("_", " "),
                reasons="; ".join(affected.reasons),
            )  # fmt: skip


def _needs_none(found: Said) -> bool:
    return found.answer.requirement == Requirement.NOT_REQUIRED


def suspended_by_order(license_ids: Iterable[uuid.UUID], at: datetime) -> Mapping[uuid.UUID, frozenset[str]]:
    """The orders by which each license is suspended; none for those that no order suspends. One query."""
    standing = Suspension.objects.ordered_at(at).filter(license__in=list(license_ids), ordered_by__startswith=ORDER)
    found: dict[uuid.UUID, frozenset[str]] = defaultdict(frozenset)
    for license_id, ordered_by in standing.values_list("license", "ordered_by"):
        found[license_id] |= {ordered_by}
    return found


def _named(run: ImpactRun) -> str:
    publication = run.publication
    return f"{publication.kind.replace('_', ' ')} {publication.key}, version {publication.version}"
