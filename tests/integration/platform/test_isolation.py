"""What every test may count on: an empty database and folder, no network, a Redis of its worker's own."""

import asyncio
import os
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from licensing.audit.models import Checkpoint
from licensing.celery import app


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_a_test_that_commits_leaves_nothing_even_in_tables_that_only_grow(run: int) -> None:
    assert not Checkpoint.objects.exists()
    Checkpoint.objects.create(
        number=run, at=timezone.now(), horizon=1, through=1, count=0, heads_hash="a" * 64, hash="b" * 64
    )
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["TRUNCATE audit_checkpoint CASCADE", "DELETE FROM audit_checkpoint"])
def test_tests_themselves_cannot_empty_such_a_table(statement: str) -> None:
    Checkpoint.objects.create(
        number=1, at=timezone.now(), horizon=1, through=1, count=0, heads_hash="a" * 64, hash="b" * 64
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Checkpoint.objects.count() == 1


def test_no_other_machine_is_reached() -> None:
    with pytest.raises(AssertionError, match=r"192\.0\.2\.1"), socket.socket() as client:
        client.connect(("192.0.2.1", 80))
    with pytest.raises(AssertionError, match=r"licensing\.example"):
        urllib.request.urlopen("http://licensing.example/", timeout=1)
    # In a thread apart, for another test of this worker may keep an event loop in this one.
    with pytest.raises(AssertionError, match=r"licensing\.example"), ThreadPoolExecutor(1) as apart:
        apart.submit(lambda: asyncio.run(asyncio.open_connection("licensing.example", 80))).result()


def test_files_go_to_a_folder_of_the_tests() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    assert settings.BASE_DIR / "var" / "test" / "files" / worker == settings.VAR_DIR
    assert settings.VAR_DIR.is_dir()


def test_messages_stay_with_the_worker_that_sent_them() -> None:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1)
        mine = broker.default_channel.client.connection_pool.connection_kwargs["db"]
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    assert mine == (int(worker.removeprefix("gw")) + 1 if worker else 0)
