"""One license, issued once for all tests of a module; what a test does to it is rolled back."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from licensing.licenses.models import License
from tests.examples.story import Story, seed, work_off


@pytest.fixture(scope="module")
def issued(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[uuid.UUID]:
    """The id of a license for the hospital in Norway, valid for 24 months; a module may name `CONDITIONS`, and what else was `DECIDED`."""
    conditions, more = getattr(request.module, "CONDITIONS", ()), getattr(request.module, "DECIDED", {})
    with django_db_blocker.unblock(), transaction.atomic():
        seed()
        Story().decided(conditions=conditions, **more)
        work_off()
        yield License.objects.values_list("pk", flat=True).get()
        transaction.set_rollback(True)


@pytest.fixture
def license_(issued: uuid.UUID, db: None) -> License:
    return License.objects.get(pk=issued)
