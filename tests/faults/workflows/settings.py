"""The product's settings for an application of the tests' own: an office with the engine, its own servers and its own short tables.

`FAULTS_QUICK` in the environment asks for the short form: a lease of 3 s and a sweep every second, so that what the
product mends within a minute is mended within seconds. The whole form keeps the product's own.
"""

import os
from pathlib import Path

QUICK = "FAULTS_QUICK" in os.environ
ROOT = Path(__file__).resolve().parents[3]
os.environ["ENTENTE_VAR_DIR"] = str(ROOT / "var" / ("test/faults" if QUICK else "faults"))

from licensing.local.places import place_of  # noqa: E402
from licensing.settings import *  # noqa: E402, F403
from licensing.settings import CONNECTION_OPTIONS, SERVERS_DIR  # noqa: E402

INSTALLED_APPS = ["workflows", "tests.faults.workflows.apps.OfficeConfig"]
MIDDLEWARE: list[str] = []
TEMPLATES: list[object] = []
ROOT_URLCONF = "tests.faults.workflows.web"
AUTH_USER_MODEL = "auth.User"
ALLOWED_HOSTS = ["127.0.0.1"]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "entente",
        "USER": "entente",
        "HOST": str(place_of(SERVERS_DIR, "postgres").sockets),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "5", "options": CONNECTION_OPTIONS},
    }
}
WORKFLOW_CALENDARS = Path(os.environ.get("FAULTS_CALENDARS") or ROOT / "fixtures" / "calendars.yaml")
CELERY_BROKER_URL = f"redis+socket://{place_of(SERVERS_DIR, 'redis').sockets}/redis.sock"
CELERY_TASK_ROUTES = {"workflows.tasks.sweep": {"queue": "timers"}}
SWEEP_SECONDS = 1.0 if QUICK else 10.0
LEASE_SECONDS = 3.0 if QUICK else 40.0
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "workflows.tasks.sweep", "schedule": SWEEP_SECONDS}}
