"""`python -m bench`: every workload, one table; `python -m bench lookback` only this one."""

import os
import platform
import sys

import django
import psutil

from bench.issuance import scratch


def main() -> None:
    """Each workload has a scratch database of its own, so that none finds the rows of another."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()
    from bench import decisions, determinations, documents, impact, licenses, lookback, pages, releases, scale  # noqa: PLC0415 - after set-up
    from bench.table import show  # noqa: PLC0415
    from tests.examples import story  # noqa: PLC0415

    memory = psutil.virtual_memory().total / 2**30
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {memory:.0f} GB\n")
    for title, workload in (
        ("The engine among many", scale),
        ("A case of four parallel approvals", decisions),
        ("Determinations", determinations),
        ("The impact of a draft", impact),
        ("A list changes", lookback),
        ("Pages", pages),
        ("Licenses", licenses),
        ("Documents", documents),
        ("Releases", releases),
    ):
        if sys.argv[1:] and workload.__name__.removeprefix("bench.") not in sys.argv[1:]:
            continue
        story.forget()
        with scratch():
            print(show(title, workload.measure()), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
