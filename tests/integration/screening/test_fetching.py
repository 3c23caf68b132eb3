"""Lists are fetched from configured hosts, as far as they have changed; what does not come whole changes nothing."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone
from pytest_django.fixtures import Settings

from licensing.accounts.models import Person
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.screening import fetching, seeding
from licensing.screening.commands import configure_list, fetch_list, import_list, request_fetch, sources
from licensing.screening.fetching import BadSource, Unreachable
from licensing.screening.models import ListCheck, ListSnapshot, RestrictedList
from licensing.screening.tasks import fetch_lists
from tests.examples import people
from tests.examples.story import work_off
from workflows import outbox
from workflows.models import Incident, OutboxRow

CONTENT = seeding.PATH.read_bytes()
OK = {"ETag": '"1"', "Last-Modified": "Tue, 24 Nov 2026 08:00:00 GMT"}


class Agency(ThreadingHTTPServer):
    """A list server on this machine: `answers` by path are status, headers, body; `asked` what came in."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str | None]] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Agency

    def do_GET(self) -> None:
        known = self.headers["If-None-Match"]
        self.server.asked.append((self.path, known))
        status, headers, body = self.server.answers[self.path]
        if known and known == headers.get("ETag"):
            status, body = 304, b""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def serving() -> Iterator[Agency]:
    server = Agency()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[Agency]:
    with serving() as agency:
        yield agency


@pytest.fixture
def agency(server: Agency) -> Agency:
    server.answers.clear()
    server.asked.clear()
    return server


def digest(content: bytes) -> dict[str, str]:
    return {"Repr-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"}


def get(agency: Agency, *answers: tuple[int, dict[str, str], bytes]) -> fetching.Fetched:
    for number, answer in enumerate(answers):
        agency.answers[f"/{number}/list.csv"] = answer
    urls = [agency.url(path) for path in agency.answers]
    return fetching.fetch(urls, {}, hosts=[agency.host])


def test_files_are_all_fetched_as_soon_as_one_has_changed(agency: Agency) -> None:
    first = get(agency, (200, {"ETag": '"a"'}, b"a"), (200, {"ETag": '"b"', **digest(b"b")}, b"b"))
    assert first.files == {"list.csv": b"a", "1-list.csv": b"b"}
    urls = list(first.validators)
    assert fetching.fetch(urls, first.validators, hosts=[agency.host]).files == {}
    agency.answers["/1/list.csv"] = (200, {"ETag": '"c"'}, b"c")
    assert list(fetching.fetch(urls, first.validators, hosts=[agency.host]).files.values()) == [b"a", b"c"]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((503, {}, b""), Unreachable, "answers 503"),
        ((429, {}, b""), Unreachable, "answers 429"),
        ((404, {}, b""), BadSource, "answers 404"),
        ((302, {"Location": "http://127.0.0.2:1/list.csv"}, b""), BadSource, "another host"),
        ((302, {"Location": "file:///etc/hostname"}, b""), BadSource, "not allowed"),
        ((200, {"Content-Length": "99", "Connection": "close"}, b"half"), Unreachable, "cut off: 4 of 99"),
        ((200, digest(b"other"), b"list"), Unreachable, "another SHA-256"),
    ],
    ids=["down", "busy", "gone", "other host", "file", "cut off", "digest"],
)
def test_what_does_not_come_whole_from_its_host_is_no_list(
    agency: Agency, answer: tuple[int, dict[str, str], bytes], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        get(agency, answer)


def test_an_answer_without_end_is_cut(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 3)
    with pytest.raises(BadSource, match="larger than"):
        get(agency, (200, {}, b"four"))


def test_a_redirect_on_the_same_host_is_followed(agency: Agency) -> None:
    agency.answers["/new"] = (200, {}, b"new")
    assert fetching.fetch([agency.url("/new")], {}, hosts=[agency.host]).files == {"new": b"new"}
    agency.answers["/old"] = (301, {"Location": "/new"}, b"")
    assert fetching.fetch([agency.url("/old")], {}, hosts=[agency.host]).files == {"old": b"new"}


@pytest.mark.parametrize(
    "url",
    ["http://lists.example/a", "ftp://lists.example/a", "https://other.example/a", "https://u:p@lists.example/a", "https://[::1", "file:///etc/passwd"],
)  # fmt: skip
def test_only_https_and_only_configured_hosts(url: str) -> None:
    assert fetching.problem(url, ["lists.example"]) != ""
    assert fetching.problem("https://lists.example/sdn.csv", ["lists.example"]) == ""


@pytest.fixture
def kim(agency: Agency, settings: Settings) -> Person:
    settings.LIST_HOSTS = [agency.host]
    kim, _ = people.government().administrators
    return kim


def configure(kim: Person, *urls: str, **changed: Any) -> RestrictedList:
    given = {"name": "Synthetic", "format_": "neutral", "every_hours": 24, "most_shrinkage": 0.1, **changed}
    return configure_list(actor=kim, key="synthetic", urls=urls, **given)


@pytest.mark.django_db
def test_a_list_is_fetched_at_its_interval_and_loaded(kim: Person, agency: Agency) -> None:
    agency.answers["/list.csv"] = (200, OK, CONTENT)
    configure(kim, agency.url("/list.csv"))
    assert (fetch_lists(), fetch_lists(), OutboxRow.objects.filter(effect="fetch_list").count()) == (1, 1, 1)
    work_off()
    loaded = ListSnapshot.objects.get()
    assert (loaded.state, loaded.published_on.isoformat()) == ("current", "2026-11-24")
    request_fetch(actor=kim, key="synthetic", at=timezone.now())
    work_off()
    assert list(ListCheck.objects.order_by("pk").values_list("outcome", flat=True)) == ["loaded", "unchanged"]
    assert agency.asked == [("/list.csv", None), ("/list.csv", '"1"')]


@pytest.mark.django_db
def test_a_server_that_is_down_is_tried_again_and_one_that_moved_is_an_incident(kim: Person, agency: Agency) -> None:
    agency.answers["/list.csv"] = (503, {}, b"")
    configure(kim, agency.url("/list.csv"))
    fetch_lists()
    work_off()
    row = OutboxRow.objects.get(effect="fetch_list")
    assert (row.state, row.attempts, "answers 503" in row.error) == ("due", 1, True)
    agency.answers["/list.csv"] = (404, {}, b"")
    OutboxRow.objects.filter(pk=row.pk).update(due_at=timezone.now())
    work_off()
    assert "answers 404" in Incident.objects.get().why
    assert set(ListCheck.objects.values_list("outcome", flat=True)) == {"unreachable"}


@pytest.mark.django_db
def test_a_web_page_in_place_of_a_list_is_held(kim: Person, agency: Agency) -> None:
    agency.answers["/list.csv"] = (200, OK, CONTENT)
    configure(kim, agency.url("/list.csv"))
    fetch_list(actor=kim, key="synthetic")
    agency.answers["/list.csv"] = (200, {"ETag": '"2"'}, b"<html><body>Sign in</body></html>")
    held = fetch_list(actor=kim, key="synthetic")
    assert held is not None
    assert (held.state, ListSnapshot.objects.get(number=1).state) == ("held", "current")


@pytest.mark.django_db
def test_a_load_that_takes_longer_than_other_work_is_left_to_its_worker(
    kim: Person, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.answers["/list.csv"] = (200, OK, CONTENT)
    configure(kim, agency.url("/list.csv"))
    fetch_lists()
    seen = []

    def slowly(**given: Any) -> ListSnapshot:
        later = timezone.now() + outbox.LEASE + timedelta(seconds=20)
        with monkeypatch.context() as patch:
            patch.setattr(timezone, "now", lambda: later)
            seen.append([effect for _, effect in outbox.due()])
        return import_list(**given)

    monkeypatch.setattr(sources, "import_list", slowly)
    work_off()
    row = OutboxRow.objects.get(effect="fetch_list")
    assert (row.state, row.attempts, ListSnapshot.objects.get().state) == ("done", 1, "current")
    assert seen == [[]]


def test_a_list_has_time_to_be_fetched_and_loaded(settings: Settings) -> None:
    limit = current_app.tasks["workflows.fetch_list"].time_limit
    assert limit == sources.FETCH_SECONDS > settings.CELERY_TASK_TIME_LIMIT
    assert 2 * fetching.SECONDS < limit < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert current_app.tasks["workflows.send_notice"].time_limit == settings.CELERY_TASK_TIME_LIMIT


@pytest.mark.django_db
def test_what_cannot_be_a_source_is_said_at_once(kim: Person) -> None:
    with pytest.raises(Invalid) as refused:
        configure(kim, "https://other.example/a", name=" ", format_="xls", every_hours=0, most_shrinkage=2)
    assert {problem.field for problem in refused.value.problems} == {
        "name",
        "format",
        "urls",
        "every_hours",
        "most_shrinkage",
    }
    with pytest.raises(NotPermitted):
        configure_list(
            actor=people.person("Nel"), key="x", name="X", format_="neutral", urls=[], every_hours=1, most_shrinkage=0
        )
    configure(kim)
    with pytest.raises(Invalid, match="no address"):
        request_fetch(actor=kim, key="synthetic", at=timezone.now())
