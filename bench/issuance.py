"""Issuance through Celery on two cores beside bare WeasyPrint on the same HTML; its workers are killed half-way, and nothing is lost.

`python -m bench.issuance 1000` issues so many licenses; without a number, 1,000. `--no-bare` leaves the comparison out.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import django
import psutil

CORES = 2
BARE = 0.2  # so many of the same documents, bare
PATIENCE = 300  # seconds, and a second more for each license
RING_EVERY = 3  # seconds, as the sweep does every 10
SERIAL = re.compile(r"^AIX-US-IND-\d{4}-(\d{7})-A-.$")


@dataclass(frozen=True)
class Outcome:
    """What came of it: licenses asked for and there, PDFs a minute in Celery and bare, what is wrong."""

    asked: int
    issued: int
    a_minute: float
    bare_a_minute: float
    wrong: list[str]

    @property
    def times_bare(self) -> float:
        return self.bare_a_minute / self.a_minute if self.a_minute else 0.0


def run(count: int, *, bare: bool = True) -> Outcome:
    """Issue `count` copies of a decided case with two worker processes, which are killed when half are there.

    WeasyPrint alone is measured between the halves, so that a noisy machine is as noisy for both.
    """
    from tests.examples.many import copy_cases  # noqa: PLC0415 - after set-up
    from tests.examples.story import Story, seed  # noqa: PLC0415

    seed()
    copy_cases(Story().decided(), count - 1)
    workers = _Workers()
    try:
        first = _issue_until(count // 2, workers)
        workers.kill()
        alone = _bare(max(4, int(count * BARE))) if bare else 0.0
        second = _issue_until(count - CORES, workers)  # what the killed ones held waits for their lease to end
        _issue_until(count, workers)
    finally:
        workers.kill()
    return Outcome(count, _issued(), (first + second) / 2, alone, _wrong(count))


def _issued() -> int:
    from licensing.licenses.models import License  # noqa: PLC0415

    return License.objects.issued().count()


def _issue_until(wanted: int, workers: "_Workers") -> float:
    """Let the workers go on until so many are there; PDFs a minute from the first that they made on."""
    from workflows import outbox  # noqa: PLC0415

    workers.start()
    before, seen, began, rung = _issued(), 0, 0.0, 0.0
    given_up = time.monotonic() + PATIENCE + wanted
    while (done := _issued()) < wanted and time.monotonic() < given_up:
        if time.monotonic() - rung > RING_EVERY:
            outbox.ring_again()
            rung = time.monotonic()
        if done > before and not seen:
            seen, began = done, time.monotonic()  # the workers are warm
        time.sleep(0.1)
    return 60 * (done - seen) / (time.monotonic() - began) if seen else 0.0


def _wrong(count: int) -> list[str]:
    """What is not as it has to be: a license for each case and one only, signed, numbered without a gap."""
    from licensing.licenses.models import License, NumberSeries  # noqa: PLC0415

    numbers = sorted(int(SERIAL.match(number)[1]) for number in License.objects.values_list("number", flat=True))  # type: ignore[index]
    wrong = []
    if numbers != list(range(1, count + 1)):
        wrong.append(f"{len(numbers)} licenses, {len(set(numbers))} numbers, {numbers[:1]} to {numbers[-1:]}")
    if License.objects.filter(document__isnull=True).exists():
        wrong.append("a license without its document")
    if License.objects.values("case").distinct().count() != len(numbers):
        wrong.append("two licenses for a case")
    if NumberSeries.objects.get().last != count:
        wrong.append(f"the series counts {NumberSeries.objects.get().last}")
    return wrong


class _Workers:
    """One Celery worker with two processes, as on a machine of two cores."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start them, unless they run."""
        if self.process is not None:
            return
        from django.conf import settings  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        command = [sys.executable, "-m", "celery", "--app", "licensing", "worker", "--queues", "documents"]
        told = {
            "DJANGO_SETTINGS_MODULE": "bench.settings", "BENCH_DATABASE": str(connection.settings_dict["NAME"]),
            "BENCH_FILES": str(settings.STORAGES["documents"]["OPTIONS"]["location"]),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [*command, "--concurrency", str(CORES), "--loglevel", "ERROR", "--without-gossip", "--without-mingle"],
            env=os.environ | told, start_new_session=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """kill -9, the worker and its children at once."""
        if self.process is None:
            return
        family = psutil.Process(self.process.pid).children(recursive=True) if self.process.poll() is None else []
        for member in family:
            member.send_signal(signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self.process = None


def _bare(count: int) -> float:
    """PDFs a minute of the same HTML by WeasyPrint alone, in as many processes."""
    from licensing.documents import render  # noqa: PLC0415
    from licensing.licenses.document import license_context  # noqa: PLC0415
    from licensing.licenses.models import License  # noqa: PLC0415

    license_ = License.objects.issued().select_related("case", "document")[0]
    context = license_context(license_)
    page = render.html(
        "documents/license.html", document=context, development=True, title="License", created_at=license_.issued_at
    )
    code = render.qr_code(context.verification_url)
    with ProcessPoolExecutor(CORES, get_context("spawn"), initializer=_set_up) as pool:
        list(pool.map(_draw, [(page, code)] * CORES * 2))  # warm
        began = time.monotonic()
        list(pool.map(_draw, [(page, code)] * count, chunksize=2))
        return 60 * count / (time.monotonic() - began)


def _set_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()


def _draw(made: tuple[str, bytes]) -> int:
    from weasyprint import HTML  # noqa: PLC0415

    from licensing.documents import assets, render  # noqa: PLC0415

    page, code = made
    fetcher = assets.Bundled({render.QR: ("image/svg+xml", code)})
    pdf = HTML(string=page, base_url=assets.SCHEME, url_fetcher=fetcher).write_pdf(
        stylesheets=assets.styles(), font_config=assets.fonts(), pdf_variant=render.VARIANT
    )
    return len(pdf)


@contextmanager
def scratch() -> Iterator[None]:
    """A database and a folder of files of its own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    with tempfile.TemporaryDirectory() as files:
        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        settings.STORAGES["documents"]["OPTIONS"]["location"] = files
        name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def main(count: int) -> int:
    with scratch():
        outcome = run(count, bare="--no-bare" not in sys.argv)
    print(
        f"{outcome.issued} of {outcome.asked} licenses issued; {outcome.a_minute:.0f} PDFs a minute in Celery on {CORES} processes, "
        f"{outcome.bare_a_minute:.0f} bare: {outcome.times_bare:.2f} times (target 1.2); wrong: {outcome.wrong or 'nothing'}"
    )
    return 0 if outcome.issued == outcome.asked and not outcome.wrong else 1


if __name__ == "__main__":
    sys.exit(main(next((int(word) for word in sys.argv[1:] if word.isdigit()), 1000)))
