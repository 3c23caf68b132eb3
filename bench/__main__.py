"""`python -m bench`: every workload, one table."""

import os
import platform
import tempfile

import django
import psutil

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"


def main() -> None:
    with tempfile.TemporaryDirectory() as files:
        django.setup()
        from django.conf import settings  # noqa: PLC0415 - after set-up
        from django.db import connection  # noqa: PLC0415

        settings.STORAGES["documents"]["OPTIONS"]["location"] = files
        name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            _measure()
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def _measure() -> None:
    from bench import decisions, determinations, documents, impact, pages, scale  # noqa: PLC0415 - after set-up
    from bench.table import show  # noqa: PLC0415

    memory = psutil.virtual_memory().total / 2**30
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {memory:.0f} GB\n")
    for title, workload in (
        ("The engine among many", scale),
        ("A case of four parallel approvals", decisions),
        ("Determinations", determinations),
        ("The impact of a draft", impact),
        ("Pages", pages),
        ("Documents", documents),
    ):
        print(show(title, workload.measure()), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
