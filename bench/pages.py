"""The queue and the case page as a reviewer gets them, session and user included."""

import json

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.table import Row, queries_of, timed
from licensing.policy.queries import ruleset
from licensing.policy.rules import determine
from tests.examples.story import Story, person, seed
from workflows.models import Seat

SEATS = 100_000
POOLS = 50
TIMES = 40
FACTS = settings.BASE_DIR / "docs" / "facts-example.jsonl"


def measure() -> list[Row]:
    seed()
    case = Story().reviewed()
    waiting = {"instance": case.workflow, "key": "x", "status": "open"}
    pools = ["commerce.licensing", *(f"bench.pool{number}" for number in range(1, POOLS))]
    rows = (
        Seat(
            stage=f"bench{number % 50}",
            round=number // 50,
            pool=pools[number % POOLS],
            opened_at=case.workflow.opened_at,
            **waiting,
        )
        for number in range(SEATS)
    )
    Seat.objects.bulk_create(rows, batch_size=5000)
    client = Client()
    client.force_login(person("omar.haddad"), "allauth.account.auth_backends.AuthenticationBackend")
    pages = [
        (
            f"queue page, {SEATS:,} open seats, {SEATS // POOLS:,} of one's own",
            reverse("reviewer:home"),
            "target: at most 6 queries",
        ),
        ("case page of a reviewer", reverse("reviewer:case", args=[case.control_number]), ""),
        ("floor: an empty page through the same middleware", reverse("schema-docs"), ""),
    ]
    rows = []
    for what, path, note in pages:
        row = timed(what, lambda number, path=path: client.get(path), TIMES, note=note)
        row.queries = str(queries_of(lambda path=path: client.get(path)))
        rows.append(row)
    return [*rows, _command(client, case.control_number), *_determination(client)]


def _determination(client: Client) -> list[Row]:
    """The answer over the API, with what would change it, and the same without HTTP and database as its floor."""
    facts = json.loads((FACTS).read_text(encoding="utf-8").splitlines()[0])

    def ask(_number: int) -> None:
        answer = client.post("/api/v1/determinations/", {"facts": facts}, content_type="application/json")
        assert answer.status_code == 200

    row = timed("POST /api/v1/determinations/", ask, TIMES, note="target: p95 under 20 ms")
    row.queries = str(queries_of(lambda: ask(0)))
    rules, now = ruleset(), timezone.now()
    return [row, timed("floor: determine alone", lambda _number: determine(rules, facts, now), TIMES)]


def _command(client: Client, control_number: str) -> Row:
    """A command as a page sends it, committed, with the case's trail and the audit chain: the officer takes the seat and lets go of it."""

    def send(number: int) -> None:
        what = "release" if number % 2 else "claim"
        assert client.post(reverse(f"reviewer:{what}", args=[control_number, "officer"])).status_code == 302

    send(0)
    row = timed(
        "a command over HTTP, committed", lambda number: send(number + 1), TIMES, warm=4, note="target: p95 under 40 ms"
    )
    row.queries = str(queries_of(lambda: send(TIMES + 1)))
    return row
