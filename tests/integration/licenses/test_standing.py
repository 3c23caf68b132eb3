"""Suspended, revoked, void, surrendered, reinstated, expired: by whom, on whose confirmation, and what is left behind."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from licensing.audit.actors import SYSTEM
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.licenses.commands import standing
from licensing.licenses.commands.revising import request_change
from licensing.licenses.commands.staying import end_stay, stay_measure
from licensing.licenses.commands.using import record_use
from licensing.licenses.drawing import Use
from licensing.licenses.models import License
from licensing.licenses.queries import public_status
from licensing.licenses.queries import status as status_of
from licensing.notices.models import Notice
from tests.examples.story import person, work_off
from workflows.models import OutboxRow

WHY = "The end user is under investigation."
BASIS = "15 CFR 750.8(a)"


def status(license_: License, at: datetime | None = None) -> str:
    """The status by the rule; the selection of the database says the same."""
    at = at or timezone.now()
    found = status_of(License.objects.get(pk=license_.pk), at)
    assert License.objects.valid_at(at).filter(pk=license_.pk).exists() == found.in_force
    assert License.objects.live_at(at).filter(pk=license_.pk).exists() == (not found.for_good)
    return str(found)


def suspend(license_: License, ordered_by: str = "Omar Haddad", **more: object) -> None:
    standing.suspend_license(
        actor=more.pop("actor", person("omar.haddad")), license_id=license_.pk, reason=WHY, ordered_by=ordered_by, **more  # type: ignore[arg-type]
    )  # fmt: skip


def lift(license_: License, **more: str) -> None:
    standing.lift_suspension(actor=person("omar.haddad"), license_id=license_.pk, reason="It came to nothing.", **more)


def propose(license_: License, kind: str = "revoked", **more: object) -> None:
    standing.propose_ending(
        actor=person("omar.haddad"), license_id=license_.pk, kind=kind, reason=WHY, basis=BASIS, **more  # type: ignore[arg-type]
    )  # fmt: skip


def confirm(license_: License, login: str = "grace.whitfield") -> None:
    standing.confirm_ending(actor=person(login), license_id=license_.pk)


def reinstate(license_: License) -> None:
    standing.propose_reinstatement(actor=person("omar.haddad"), license_id=license_.pk, reason="Another way was found.")
    standing.reinstate_license(actor=person("ruth.calloway"), license_id=license_.pk)


def test_a_license_stays_suspended_until_every_order_is_lifted(license_: License) -> None:
    suspend(license_)
    suspend(license_, "Control order 7", actor=SYSTEM)
    suspend(license_, "Control order 7", actor=SYSTEM)
    assert (status(license_), license_.suspensions.count()) == ("suspended", 2)
    lift(license_)
    assert status(license_) == "suspended"
    for more in ({}, {"ordered_by": "Control order 7"}):
        with pytest.raises(NotNow, match="an officer could lift"):
            lift(license_, **more)
    standing.lift_suspension(actor=SYSTEM, license_id=license_.pk, reason="It is over.", ordered_by="Control order 7")
    assert status(license_) == "reinstated"
    told = Notice.objects.filter(name="licenses/standing").order_by("pk").values_list("subject", flat=True)
    assert {line.removeprefix(f"License {license_.number} ") for line in told} == {
        "is suspended", "is still suspended by another order", "is reinstated",
    }  # fmt: skip
    assert "Suspended by Control order 7" in "".join(line.sentence for line in trail(license_))


def test_a_suspension_for_a_time_runs_out_by_itself_and_is_written_down_once(license_: License) -> None:
    until = timezone.now() + timedelta(days=30)
    suspend(license_, until=until)
    assert status(license_, until - timedelta(minutes=1)) == "suspended"
    assert status(license_, until) == "valid"
    OutboxRow.objects.filter(key__startswith="suspension:").update(due_at=timezone.now())
    work_off()
    work_off()
    assert [line.event for line in trail(license_)].count("license:suspension:ran_out") == 1


def test_a_revocation_takes_two_officers_and_may_be_set_aside(license_: License) -> None:
    propose(license_)
    assert status(license_) == "valid"
    with pytest.raises(NotPermitted, match="another officer"):
        confirm(license_, "omar.haddad")
    with pytest.raises(NotNow, match="proposed or decided already"):
        propose(license_, "void")
    confirm(license_)
    assert status(license_) == "revoked"
    with pytest.raises(NotNow, match="nothing left to take away"):
        suspend(license_)
    reinstate(license_)
    assert status(license_) == "reinstated"
    propose(license_)
    standing.drop_ending(actor=person("omar.haddad"), license_id=license_.pk, reason="It was a mistake.")
    with pytest.raises(NotNow, match="waits for a second officer"):
        confirm(license_)


def test_the_database_refuses_one_pair_of_eyes(license_: License) -> None:
    propose(license_)
    ending = license_.endings.get()
    ending.confirmed_by, ending.confirmed_at, ending.effective_at = ending.proposed_by, timezone.now(), timezone.now()
    with pytest.raises(IntegrityError, match="ending_four_eyes"), transaction.atomic():
        ending.save()


def test_a_revocation_is_set_aside_by_two_officers(license_: License) -> None:
    omar, grace = person("omar.haddad"), person("grace.whitfield")
    propose(license_)
    with pytest.raises(NotNow, match="No revocation of this license stands"):
        standing.propose_reinstatement(actor=omar, license_id=license_.pk, reason="Another way was found.")
    confirm(license_)
    with pytest.raises(NotNow, match="it takes two officers"):
        standing.reinstate_license(actor=omar, license_id=license_.pk)
    standing.propose_reinstatement(actor=omar, license_id=license_.pk, reason="Another way was found.")
    with pytest.raises(NotPermitted, match="another officer has to set"):
        standing.reinstate_license(actor=omar, license_id=license_.pk)
    with pytest.raises(IntegrityError, match="ending_set_aside_by_two"), transaction.atomic():
        license_.endings.update(set_aside_at=timezone.now(), set_aside_by=omar)
    standing.drop_reinstatement(actor=omar, license_id=license_.pk, reason="It is no way after all.")
    with pytest.raises(NotNow, match="it takes two officers"):
        standing.reinstate_license(actor=grace, license_id=license_.pk)
    assert status(license_) == "revoked"


def test_a_void_license_never_held_and_a_later_revocation_begins_when_it_says(license_: License) -> None:
    with pytest.raises(Invalid, match="give no date"):
        propose(license_, "void", effective_at=timezone.now() + timedelta(days=1))
    propose(license_, effective_at=timezone.now() + timedelta(days=9))
    confirm(license_)
    assert (status(license_), status(license_, timezone.now() + timedelta(days=9))) == ("valid", "revoked")
    reinstate(license_)
    propose(license_, "void")
    confirm(license_)
    assert status(license_, license_.issued_at) == "void"


def test_only_a_certifying_official_gives_a_license_up(license_: License) -> None:
    for login in ("noa.feld", "omar.haddad"):
        with pytest.raises(NotPermitted):
            standing.surrender_license(actor=person(login), license_id=license_.pk, reason="We need it no longer.")
    standing.surrender_license(actor=person("ada.lindqvist"), license_id=license_.pk, reason="We need it no longer.")
    assert status(license_) == "surrendered"
    found = public_status(license_.number)
    assert found is not None
    assert found.status == "surrendered"


def test_what_has_not_begun_is_canceled(license_: License) -> None:
    with pytest.raises(NotNow, match="has begun"):
        standing.cancel_license(actor=person("omar.haddad"), license_id=license_.pk, reason="The deal fell through.")
    License.objects.filter(pk=license_.pk).update(valid_from=timezone.now() + timedelta(days=5))
    assert status(license_) == "not_begun"
    suspend(license_)
    assert status(license_) == "suspended"
    lift(license_)
    standing.cancel_license(actor=person("omar.haddad"), license_id=license_.pk, reason="The deal fell through.")
    assert status(license_) == "cancelled"


def refused(act: Callable[..., object], license_: License, **more: object) -> None:
    with pytest.raises(NotPermitted):
        act(actor=person("dana.whitlock"), license_id=license_.pk, reason=WHY, **more)


def test_a_reviewer_of_another_agency_takes_nothing_away(license_: License) -> None:
    refused(standing.suspend_license, license_, ordered_by="Dana")
    refused(standing.lift_suspension, license_)
    refused(standing.propose_ending, license_, kind="revoked", basis=BASIS)
    refused(standing.propose_reinstatement, license_)
    refused(standing.cancel_license, license_)


def test_expiry_is_so_by_itself_and_told_once_however_late(license_: License) -> None:
    end = timezone.now() - timedelta(minutes=1)
    License.objects.filter(pk=license_.pk).update(valid_from=end - timedelta(days=1), valid_until=end)
    assert status(license_) == "expired"  # before anybody has written it down
    OutboxRow.objects.filter(key=f"license:{license_.pk}").update(due_at=end)
    work_off()
    standing.note_turn(f"license:{license_.pk}")  # a worker that died after its work does it again
    assert [line.event for line in trail(license_)].count("license:expired") == 1
    assert Notice.objects.filter(name="licenses/standing", subject__endswith="has expired").count() == 2


def test_a_stay_gives_the_rights_back_until_the_appeal_is_decided(license_: License) -> None:
    """For a suspension by an order and for a revocation; who reads the status honors it, and what else stands still bars."""
    judge, noa = person("ruth.calloway"), person("noa.feld")
    suspend(license_, "Order 7", actor=SYSTEM)
    held = license_.suspensions.get()
    stay_measure(actor=judge, measure=held, appeal="A000001-1", reason="The harm would be done by then.")
    assert status(license_) == "stayed"
    with pytest.raises(NotNow, match="no effect now that could be stayed"):
        stay_measure(actor=judge, measure=held, appeal="A000001-1", reason="The harm would be done by then.")
    suspend(license_, "Order 7", actor=SYSTEM)  # the order holds as before, and does not get around the stay
    assert (status(license_), license_.suspensions.count()) == ("stayed", 1)
    record_use(
        actor=noa, license_id=license_.pk, client_reference="T-1", use=Use(kind="transfer", occurred_at=timezone.now())
    )
    with pytest.raises(NotNow, match="nothing is changed until the appeal is decided"):
        request_change(actor=person("ada.lindqvist"), license_id=license_.pk, kind="extension", asked={}, letter={})
    suspend(license_)
    assert status(license_) == "suspended"
    lift(license_, ordered_by="Omar Haddad")

    propose(license_)
    confirm(license_)
    revoked = license_.endings.get()
    assert status(license_) == "revoked"
    stay_measure(actor=judge, measure=revoked, appeal="A000001-2", reason="Both are heard together.")
    assert status(license_) == "stayed"
    found = public_status(license_.number)
    assert found is not None
    assert found.status == "stayed"
    client = Client()
    client.force_login(noa, "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/applicant/licenses/{license_.number}/").content.decode()
    assert "until appeal A000001-2 is decided" in page
    for measure, bar in ((revoked, "revoked"), (held, "revoked")):
        end_stay(actor=judge, measure=measure, reason="The appeal is refused.")
        assert status(license_) == bar
    reinstate(license_)
    assert status(license_) == "suspended"
    with pytest.raises(NotNow, match="is not stayed"):
        end_stay(actor=judge, measure=held, reason="The appeal is refused.")
    assert [line.event for line in trail(license_)].count("license:stayed") == 2
    told = Notice.objects.filter(name="licenses/standing", to_email="noa.feld@entente.example")
    says = sorted(notice.subject.removeprefix(f"License {license_.number} is ") for notice in told)
    assert says == ["reinstated", "reinstated", "revoked", "revoked", "stayed", "stayed", "suspended", "suspended"]
