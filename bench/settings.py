"""The product's settings; with the peer's applications beside its own where `make bench-setup` has installed them."""

import os
from importlib.util import find_spec

from licensing.settings import *  # noqa: F403
from licensing.settings import DATABASES, INSTALLED_APPS, LOGGING, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "bench.apps.BenchConfig"]
PEER = find_spec("viewflow") is not None
if PEER:
    INSTALLED_APPS = [*INSTALLED_APPS, "viewflow", "viewflow.workflow", "bench.peer"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver"]
LOGGING["root"]["level"] = "ERROR"

# A worker that `bench.issuance` starts is told the scratch database and the folder of its files.
DATABASES["default"]["NAME"] = os.environ.get("BENCH_DATABASE") or DATABASES["default"]["NAME"]
STORAGES["documents"]["OPTIONS"]["location"] = (
    os.environ.get("BENCH_FILES") or STORAGES["documents"]["OPTIONS"]["location"]
)
