"""What is done under a license: drawn once, never too much, never when it is not allowed; each refusal has its own answer."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.licenses.commands import standing
from licensing.licenses.commands.conditions import lapse_condition
from licensing.licenses.commands.using import record_use
from licensing.licenses.drawing import Use
from licensing.licenses.models import Allowance, License, LicenseText, UsageEntry
from licensing.licenses.queries import status
from tests.examples.story import person
from tests.integration.licenses.test_release import Machine

CONDITIONS = (
    {"key": "condition:quantity", "parameters": {"quantity": "5", "unit": "copies"}},
    {"key": "condition:value", "parameters": {"amount": "1000", "currency": "USD", "tolerance": 10}},
)
DAYS = [timezone.now() - timedelta(days=9 - day) for day in range(9)]


def use(license_: License, reference: str, at: datetime | None = None, **amounts: int) -> UsageEntry:
    sent = Use(
        kind="transfer",
        occurred_at=at or timezone.now(),
        amounts={name: Decimal(amount) for name, amount in amounts.items()},
    )
    return record_use(actor=person("noa.feld"), license_id=license_.pk, client_reference=reference, use=sent)[0]


def correct(license_: License, reference: str, corrects: str, **amounts: int) -> UsageEntry:
    sent = Use(
        kind="correction",
        occurred_at=timezone.now(),
        amounts={name: Decimal(amount) for name, amount in amounts.items()},
        corrects=corrects,
    )
    return record_use(actor=person("noa.feld"), license_id=license_.pk, client_reference=reference, use=sent)[0]


def drawn(license_: License) -> dict[str, int]:
    return {row.measure: int(row.drawn) for row in license_.case.allowances.all()}


def refusal(license_: License, reference: str = "T-9", **more: Any) -> str:
    with pytest.raises(NotNow) as refused:
        use(license_, reference, **{"quantity": 1, "value": 100, **more})
    assert not license_.usage.filter(client_reference=reference).exists()
    return refused.value.code


def test_the_caps_of_the_decision_are_drawn_from_once_per_reference(license_: License) -> None:
    assert {(row.measure, int(row.cap), row.unit, row.tolerance) for row in Allowance.objects.all()} == {
        ("quantity", 5, "copies", 0), ("value", 1000, "USD", 10),
    }  # fmt: skip
    at = timezone.now()
    first = use(license_, "T-1", at, quantity=2, value=400)
    assert use(license_, "T-1", at, value=400, quantity=2) == first
    assert drawn(license_) == {"quantity": 2, "value": 400}
    for quantity, value in ((3, 400), (2, 4000)):
        with pytest.raises(NotNow, match="stands for another use"):
            use(license_, "T-1", at, quantity=quantity, value=value)
    assert "Use T-1 recorded: quantity 2" in "".join(line.sentence for line in trail(license_))


def test_more_than_is_left_is_refused_and_value_has_its_tolerance(license_: License) -> None:
    use(license_, "T-1", quantity=2, value=1080)
    assert refusal(license_, quantity=4, value=1) == "over_use"
    assert refusal(license_, quantity=1, value=21) == "over_use"
    use(license_, "T-2", quantity=1, value=20)
    with pytest.raises(IntegrityError, match="allowance_never_overdrawn"), transaction.atomic():
        Allowance.objects.filter(measure="value").update(drawn=1101)


def test_a_release_that_finds_no_room_under_a_cap_is_not_allowed(license_: License) -> None:
    License.objects.filter(pk=license_.pk).update(
        delivery_modes=["weights_transfer", "api_access"]
    )  # access is not capped
    use(license_, "T-1", quantity=3, value=1)
    machine = Machine()
    assert machine.ask(quantity="2")["allowed"] is True
    told = machine.ask(quantity="3")
    assert (told["allowed"], f"{license_.number} caps quantity: 2 copies is left." in told["missing"]) == (False, True)
    use(license_, "T-2", quantity=2, value=1)
    assert status(License.objects.get(pk=license_.pk), timezone.now()) == "valid"
    assert machine.ask()["allowed"] is False


def test_what_is_capped_has_to_be_said(license_: License) -> None:
    with pytest.raises(Invalid, match="The license caps value: say how much"):
        use(license_, "T-1", quantity=1)
    wrong = Use("transfer", timezone.now() + timedelta(days=1), amounts={"moons": Decimal("NaN"), "value": Decimal(-1)})
    with pytest.raises(Invalid) as refused:
        record_use(actor=person("noa.feld"), license_id=license_.pk, client_reference="", use=wrong)
    assert {problem.field for problem in refused.value.problems} == {
        "client_reference", "occurred_at", "amounts.moons", "amounts.value",
    }  # fmt: skip


def test_used_up_is_exhausted_until_a_correction_gives_something_back(license_: License) -> None:
    use(license_, "T-1", quantity=4, value=400)
    before = timezone.now()
    use(license_, "T-2", quantity=1, value=100)
    assert status(license_, before) == "valid"
    assert status(License.objects.get(pk=license_.pk), timezone.now()) == "exhausted"
    assert not License.objects.valid_at(timezone.now()).exists()
    assert refusal(license_, quantity=1) == "license_exhausted"
    with pytest.raises(Invalid, match="Only 1 of it is left to take back"):
        correct(license_, "C-0", "T-2", quantity=-2)
    correct(license_, "C-1", "T-2", quantity=-1, value=-100)
    with pytest.raises(Invalid, match="Only 0 of it"):
        correct(license_, "C-2", "T-2", quantity=-1)
    assert drawn(license_) == {"quantity": 4, "value": 400}
    assert status(License.objects.get(pk=license_.pk), timezone.now()) == "valid"
    events = [line.event for line in trail(license_)]
    assert (events.count("license:exhausted"), events.count("license:replenished")) == (1, 1)


def test_a_correction_changes_what_its_entry_says_and_adds_only_to_what_was_in_force(license_: License) -> None:
    use(license_, "T-1", quantity=2, value=400)
    for measure in ("seats", "compute"):
        with pytest.raises(Invalid, match=f"T-1 says no {measure}"):
            correct(license_, "C-1", "T-1", **{measure: 1})
    officer = person("omar.haddad")
    standing.suspend_license(actor=officer, license_id=license_.pk, reason="Under investigation.", ordered_by="Omar")
    correct(license_, "C-1", "T-1", quantity=1)  # the use was before
    standing.lift_suspension(actor=officer, license_id=license_.pk, reason="It came to nothing.")
    void = {"kind": "void", "reason": "It was never due.", "basis": "15 CFR 750.8"}
    standing.propose_ending(actor=officer, license_id=license_.pk, **void)
    standing.confirm_ending(actor=person("grace.whitfield"), license_id=license_.pk)
    with pytest.raises(NotNow, match="was void by then"):
        correct(license_, "C-2", "T-1", quantity=1)
    correct(license_, "C-2", "T-1", quantity=-3)
    assert drawn(license_) == {"quantity": 0, "value": 400}


def test_a_cap_whose_condition_has_lapsed_caps_no_more(license_: License) -> None:
    use(license_, "T-1", quantity=5, value=100)
    assert status(License.objects.get(pk=license_.pk), timezone.now()) == "exhausted"
    number = license_.texts.get(key="condition:quantity").number
    lapse_condition(actor=person("omar.haddad"), license_id=license_.pk, number=number, reason="It is decontrolled.")
    license_ = License.objects.get(pk=license_.pk)
    assert (status(license_, timezone.now()), drawn(license_)) == ("valid", {"value": 100})
    use(license_, "T-2", quantity=9, value=900)
    assert refusal(license_, value=200) == "over_use"


def test_each_bar_to_use_has_an_answer_of_its_own(license_: License) -> None:
    at = timezone.now()
    assert refusal(license_, at=license_.valid_from - timedelta(days=1)) == "outside_validity"
    officer = person("omar.haddad")
    standing.suspend_license(
        actor=officer, license_id=license_.pk, reason="Under investigation.", ordered_by="Omar Haddad"
    )
    assert refusal(license_) == "license_suspended"
    use(license_, "T-before", at, quantity=1, value=1)  # reported late: it was before
    standing.lift_suspension(actor=officer, license_id=license_.pk, reason="It came to nothing.")
    waiting = LicenseText.objects.filter(license=license_, kind="condition").first()
    assert waiting is not None
    LicenseText.objects.filter(pk=waiting.pk).update(precedent=True)
    assert refusal(license_) == "condition_precedent"
    LicenseText.objects.filter(pk=waiting.pk).update(precedent=False)
    standing.surrender_license(actor=person("ada.lindqvist"), license_id=license_.pk, reason="We need it no longer.")
    assert refusal(license_) == "license_ended"


def test_an_expired_license_takes_no_use(license_: License) -> None:
    end = timezone.now()
    License.objects.filter(pk=license_.pk).update(valid_from=end - timedelta(days=9), valid_until=end)
    assert refusal(license_) == "outside_validity"


def test_a_period_of_access_draws_seats_and_not_copies(license_: License) -> None:
    now = timezone.now()
    sent = Use("access", occurred_at=now, until=now, amounts={"quantity": Decimal(1)})
    with pytest.raises(Invalid, match="measured in seats and compute"):
        record_use(actor=person("noa.feld"), license_id=license_.pk, client_reference="A-1", use=sent)


def test_seats_are_capped_at_one_time_and_free_again_afterwards(license_: License) -> None:
    Allowance.objects.create(case=license_.case, measure="seats", cap=100, unit="at one time")
    License.objects.filter(pk=license_.pk).update(delivery_modes=["api_access"], valid_from=DAYS[0])

    def access(reference: str, since: int, until: int, seats: int, **more: Any) -> None:
        kind = "correction" if "corrects" in more else "access"
        sent = Use(
            kind, occurred_at=DAYS[since], until=None if "corrects" in more else DAYS[until], amounts={"seats": Decimal(seats)}, **more
        )  # fmt: skip
        record_use(actor=person("noa.feld"), license_id=license_.pk, client_reference=reference, use=sent)

    def most() -> int:
        return int(Allowance.objects.get(measure="seats").drawn)

    access("A-1", 0, 4, 80)
    access("A-2", 4, 8, 100)  # from when the first ones are free
    assert (most(), status(License.objects.get(pk=license_.pk), timezone.now())) == (100, "valid")
    with pytest.raises(NotNow, match="Only 20 seats are free all through that period, and not 21"):
        access("A-3", 3, 4, 21)
    access("A-3", 2, 4, 20)
    with pytest.raises(NotNow, match="Only 0 seats are free"):
        access("A-4", 3, 3, 1)
    access("C-1", 8, 8, -20, corrects="A-3")
    with pytest.raises(NotNow, match="Only 20 seats are free all through that period, and not 21"):
        access("C-2", 8, 8, 21, corrects="A-1")
    access("C-2", 8, 8, -50, corrects="A-2")
    assert most() == 80


def test_amounts_are_exact_however_large(license_: License) -> None:
    now, large = timezone.now(), Decimal("1e30")
    Allowance.objects.create(case=license_.case, measure="compute", cap=large)
    License.objects.filter(pk=license_.pk).update(delivery_modes=["api_access", "weights_transfer"])

    def access(reference: str, amount: Decimal) -> None:
        sent = Use("access", occurred_at=now, until=now, amounts={"compute": amount})
        record_use(actor=person("noa.feld"), license_id=license_.pk, client_reference=reference, use=sent)

    access("A-1", Decimal(f"{'9' * 30}.999999"))
    with pytest.raises(NotNow, match=r"Only 0\.000001 compute is left"):
        access("A-2", Decimal("0.000002"))
    access("A-3", Decimal("0.000001"))
    assert Allowance.objects.get(measure="compute").drawn == large
    with pytest.raises(Invalid, match="at most six decimals"):
        access("A-4", Decimal("0.0000001"))
    with pytest.raises(Invalid, match="Give your reference"):
        access("\x00", Decimal(1))


def test_only_the_licensee_reports_use(license_: License) -> None:
    with pytest.raises(NotPermitted):
        record_use(
            actor=person("omar.haddad"), license_id=license_.pk, client_reference="T-1",
            use=Use(kind="transfer", occurred_at=timezone.now()),
        )  # fmt: skip


def test_the_database_refuses_to_rewrite_what_was_done(license_: License) -> None:
    entry = use(license_, "T-1", quantity=2, value=100)
    for rewrite in (UsageEntry.objects.filter(pk=entry.pk).delete, lambda: UsageEntry.objects.update(quantity=1)):
        with pytest.raises(DatabaseError), transaction.atomic():
            rewrite()
    entry.refresh_from_db()
    assert entry.quantity == 2
