"""Many draw from one license at the same moment, on real connections: nothing is overdrawn, nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone

from licensing.audit.refusals import NotNow
from licensing.licenses.commands.using import record_use
from licensing.licenses.drawing import Use
from licensing.licenses.models import License
from licensing.licenses.queries import status
from tests.examples.story import Story, person, seed, work_off

CAP, AT_ONCE = 7, 12


@pytest.mark.django_db(transaction=True)
def test_draws_at_once_take_exactly_what_there_is() -> None:
    seed()
    Story().decided(conditions=[{"key": "condition:quantity", "parameters": {"quantity": str(CAP), "unit": "copies"}}])
    work_off()
    license_, actor = License.objects.get(), person("noa.feld")
    sent = Use(kind="transfer", occurred_at=timezone.now(), amounts={"quantity": Decimal(1)})

    def draw(number: int) -> str:
        try:
            record_use(actor=actor, license_id=license_.pk, client_reference=f"T-{number % (AT_ONCE - 2)}", use=sent)
        except NotNow as refused:
            return refused.code
        else:
            return "drawn"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(draw, range(AT_ONCE)))
    allowance = license_.case.allowances.get()
    assert (license_.usage.count(), int(allowance.drawn)) == (CAP, CAP)
    assert set(answers) == {"drawn", "over_use"}
    assert status(License.objects.get(), timezone.now()) == "exhausted"
