"""A short lease for workers that are killed on purpose: `BENCH_LEASE` seconds, instead of the product's 40."""

import os
from datetime import timedelta
from importlib import import_module

from django.apps import AppConfig


class BenchConfig(AppConfig):
    name = "bench"

    def ready(self) -> None:
        if "BENCH_LEASE" in os.environ:
            outbox = import_module("workflows.outbox")
            outbox.LEASE = timedelta(seconds=float(os.environ["BENCH_LEASE"]))  # type: ignore[attr-defined]
