"""The product's settings, with servers, files and messages that belong to the tests alone.

The embedded servers live in `var/test` and are kept from run to run; each pytest worker has its own database
(pytest-django), its own folder `var/test/files/<worker>`, emptied when it starts, and its own Redis database.
"""

import os
import uuid
from pathlib import Path

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
ROOT = Path(__file__).resolve().parent.parent
os.environ["ENTENTE_VAR_DIR"] = str(ROOT / "var" / "test")  # before the product reads it; child processes inherit it

from licensing.settings import *  # noqa: E402, F403
from licensing.settings import CACHES, CELERY_BROKER_URL, ENVIRONMENT, SERVERS_DIR, STORAGES  # noqa: E402

VAR_DIR = SERVERS_DIR / "files" / WORKER
MEDIA_ROOT = VAR_DIR / "media"
EMAIL_FILE_PATH = VAR_DIR / "mail"
STORAGES["documents"]["OPTIONS"]["location"] = VAR_DIR / "files"

if ENVIRONMENT.redis_url is None:
    CELERY_BROKER_URL += f"?virtual_host={int(WORKER.removeprefix('gw')) + 1 if WORKER != 'main' else 0}"
CACHES["default"] |= {
    "LOCATION": CELERY_BROKER_URL,
    "KEY_PREFIX": uuid.uuid4().hex,
}  # no run finds what another has counted

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
