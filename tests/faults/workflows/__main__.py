"""`python -m tests.faults.workflows`: every fault, then the table; exit 1 when a line is not as it should be.

Words on the command line choose the faults whose names have one of them. With FAULTS_QUICK it is the short form.
"""

import os
import shutil
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.workflows.settings")
os.environ.setdefault("LOG_LEVEL", "warning")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import close_old_connections, connection

from tests.faults.workflows import killing, office, racing, stopping, timekeeping, waiting
from tests.faults.workflows.machines import Plant
from tests.faults.workflows.racers import Racers
from tests.faults.workflows.rounds import RECOVERY, Line, Stand
from workflows import engine

FAULTS = [
    killing.children,
    killing.whole_worker,
    killing.web_before_the_bell,
    killing.poison,
    stopping.redis_emptied,
    stopping.redis_stopped,
    stopping.redis_frozen,
    stopping.redis_restarted,
    stopping.connections_ended,
    stopping.postgres_restarted,
    racing.two_seats,
    racing.one_seat,
    racing.one_person_two_seats,
    racing.one_command,
    racing.one_bell,
    racing.decision_and_timer,
    racing.decision_and_withdrawal,
    racing.decision_and_recusal,
    racing.decision_and_reassignment,
    waiting.two_beats,
    waiting.sweeper_away,
    waiting.withdrawn_while_it_waits,
    waiting.snapshot_corrupted,
    timekeeping.clocks_jump,
    timekeeping.summer_time,
    timekeeping.leap_day,
    timekeeping.holiday_proclaimed,
    timekeeping.empty_pool,
]
ROW = "{:<42}{:>9}{:>7}{:>6}{:>12}{:>11}"


def prepare() -> None:
    for name in ("paper", "log"):
        shutil.rmtree(settings.VAR_DIR / name, ignore_errors=True)
        (settings.VAR_DIR / name).mkdir(parents=True)


def empty_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    call_command("migrate", verbosity=0)
    engine.publish(office.DEFINITION, actor=engine.SYSTEM)


def show(line: Line) -> None:
    seconds = f"{line.seconds:.1f}"
    say(ROW.format(line.fault, line.injected, line.cases, line.lost, line.duplicated, seconds))
    for sentence in line.wrong[:10]:
        say(f"    {sentence}")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def run(stand: Stand, chosen: list[str]) -> list[Line]:
    say(ROW.format("fault", "injected", "cases", "lost", "duplicated", "recovery s"))
    lines: list[Line] = []
    for fault in FAULTS:
        if chosen and not any(word in f"{fault.__module__}.{fault.__name__}" for word in chosen):
            continue
        close_old_connections()
        found = fault(stand)
        for line in found if isinstance(found, list) else [found]:
            show(line)
            lines.append(line)
    return lines


def main(chosen: list[str]) -> int:
    prepare()
    began = time.monotonic()
    pair, five = Racers(2), Racers(5)  # before this process has any connection of its own
    plant = Plant()
    try:
        plant.postgres.start()
        empty_database()
        plant.start()
        lines = run(Stand(plant, pair, five), chosen)
    finally:
        plant.stop()
    bad = [line.fault for line in lines if not line.good]
    cases, took = sum(line.cases for line in lines), time.monotonic() - began
    say(
        f"{cases} cases in {took:.0f} s; lease {settings.LEASE_SECONDS:.0f} s, sweep every {settings.SWEEP_SECONDS:.0f} s"
    )
    say(
        f"NOT as it should be (nothing lost, nothing doubled, {RECOVERY:.0f} s): {', '.join(bad)}"
        if bad
        else "all well"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
