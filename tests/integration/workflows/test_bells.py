"""What the sweep rings for: work whose message is lost, and not a backlog whose messages wait, on a real Redis."""

import uuid
from collections.abc import Iterator

import pytest
from celery import current_app
from kombu import Queue

from workflows import outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A queue that no worker reads, for an effect of its own."""
    name = f"bells-{uuid.uuid4().hex}"
    for registered in (outbox._handlers, outbox._queues, outbox._mourners, outbox._tasks):
        monkeypatch.delitem(registered, "chime", raising=False)
    current_app.amqp.queues.add(Queue(name))
    outbox.register("chime", lambda key, payload: None, name)
    yield name
    with current_app.connection_or_acquire() as connection:
        connection.default_channel.client.delete(name)


def lose(queue: str, count: int) -> None:
    with current_app.connection_or_acquire() as connection:
        connection.default_channel.client.rpop(queue, count)


def test_a_backlog_is_rung_for_once_and_lost_messages_are_made_up_for(queue: str) -> None:
    for number in range(5):
        outbox.put(effect="chime", key=str(number))  # in a transaction that never commits: no bell of its own
    outbox.ring_again()
    assert outbox._waiting(queue) == 5

    outbox.ring_again()
    assert outbox._waiting(queue) == 5, "nobody rings twice for what still waits"

    lose(queue, 2)
    outbox.ring_again()
    assert outbox._waiting(queue) == 5, "what was lost is rung for again"

    lose(queue, 5)
    outbox.work(outbox.due()[0][0])
    outbox.ring_again()
    assert outbox._waiting(queue) == 4, "what is done is not"
