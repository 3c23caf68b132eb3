"""The product's settings; with the peer's applications beside its own where `make bench-setup` has installed them."""

from importlib.util import find_spec

from licensing.settings import *  # noqa: F403
from licensing.settings import INSTALLED_APPS, LOGGING

PEER = find_spec("viewflow") is not None
if PEER:
    INSTALLED_APPS = [*INSTALLED_APPS, "viewflow", "viewflow.workflow", "bench.peer"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver"]
LOGGING["root"]["level"] = "ERROR"
