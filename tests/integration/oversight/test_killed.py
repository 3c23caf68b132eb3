"""A worker is killed in the middle of determining again: none is lost, none is done twice."""

import os
import signal

import pytest
from django.db import connections
from django.utils import timezone

from licensing.audit.queries import trail, verify
from licensing.cases.models import Case
from licensing.notices.models import Notice
from licensing.oversight import notices
from licensing.oversight.commands.acting import Acting
from licensing.oversight.events import ImpactEvent
from licensing.oversight.models import Affected, ImpactRun
from licensing.policy.models import DeterminationRecord
from licensing.publishing.commands import edit_draft, open_draft, propose, publish
from tests.examples.story import Story, person, seed, work_off
from workflows import outbox
from workflows.models import OutboxRow

CASES = 3


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_none_and_does_none_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    seed()
    for number in range(CASES):
        Story(version_name=f"{number}.0").checked()
    before, kim = DeterminationRecord.objects.count(), person("amara.okafor")
    draft = open_draft(actor=kim, kind="country_list", key="AUTHORITY_WATCH", note="Norway is watched")
    content = {**draft.content, "members": [{"code": "NO", "note": ""}]}
    edit_draft(actor=kim, publication_id=draft.pk, content=content)
    propose(actor=kim, publication_id=draft.pk)
    publish(actor=person("henrik.dahl"), publication_id=draft.pk)
    monkeypatch.setattr(Acting, "size", 2)

    assert killed_at_the_second_case() == signal.SIGKILL
    assert (Affected.objects.count(), ImpactRun.objects.get().done) == (1, 0), "one is done, and the batch is not"

    OutboxRow.objects.filter(effect="assess_impact").update(leased_until=timezone.now())
    work_off()
    run = ImpactRun.objects.get()
    assert (run.done, run.finished_at is not None) == (CASES, True)
    assert set(Affected.objects.values_list("case", flat=True)) == set(Case.objects.values_list("pk", flat=True))
    assert (Affected.objects.count(), DeterminationRecord.objects.count() - before) == (CASES, CASES)
    assert Notice.objects.filter(name="oversight/application_changed").count() == CASES
    for case in Case.objects.all():
        assert [line.event for line in trail(case)].count(ImpactEvent.CASE_CHANGED) == 1
    assert verify() == []


def killed_at_the_second_case() -> int:
    """Work the row in a child that dies before its second case is committed; the signal that ended it."""
    row = OutboxRow.objects.get(effect="assess_impact").pk
    connections.close_all()
    child = os.fork()
    if child == 0:
        tell, told = notices.case_changed, []

        def dying(case: Case, affected: Affected) -> None:
            tell(case, affected)
            told.append(case)
            if len(told) == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        notices.case_changed = dying
        try:
            outbox.work(row)
        finally:
            os._exit(1)
    return os.WTERMSIG(os.waitpid(child, 0)[1])
