"""Django settings. Every value that an operator may change comes from `licensing.env`."""

import os
import sys
from typing import Any

from kombu import Queue

from licensing import env, logs, queues
from licensing.keys import kept_secret
from licensing.local.places import place_of

try:
    ENVIRONMENT = env.read(os.environ)
except env.SettingsError as error:
    sys.stderr.write(f"Entente cannot start:\n{error}\n")
    raise SystemExit(2) from None

BASE_DIR = env.BASE_DIR
VAR_DIR = ENVIRONMENT.var_dir
SERVERS_DIR = VAR_DIR  # whose embedded servers these are; tests write elsewhere but share the servers
BASE_URL = ENVIRONMENT.base_url or f"http://127.0.0.1:{ENVIRONMENT.port}"

SECRET_KEY = ENVIRONMENT.secret_key or kept_secret(VAR_DIR / "secret-key")
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
LIST_HOSTS = ENVIRONMENT.list_hosts
ROOT_URLCONF = "licensing.urls"
WSGI_APPLICATION = "licensing.wsgi.application"
AUTH_USER_MODEL = "accounts.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"

SIGNING_KEY = ENVIRONMENT.signing_key
SIGNING_PASSPHRASE = ENVIRONMENT.signing_passphrase
CLAMD = ENVIRONMENT.clamd
TIMESTAMP_URL = ENVIRONMENT.timestamp_url
TIMESTAMP_ROOTS = ENVIRONMENT.timestamp_roots
CREDENTIAL_KEY = ENVIRONMENT.credential_key

INSTALLED_APPS = [
    "licensing",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "workflows",
    "licensing.audit",
    "licensing.publishing",
    "licensing.notices",
    "licensing.documents",
    "licensing.accounts",
    "licensing.countries",
    "licensing.texts",
    "licensing.parties",
    "licensing.catalog",
    "licensing.policy",
    "licensing.screening",
    "licensing.cases",
    "licensing.licenses",
    "licensing.oversight",
    "licensing.api",
    "licensing.portal",
]
MIDDLEWARE = [
    "licensing.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "licensing.portal.middleware.PortalMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "licensing.portal.navigation.frame",
            ]
        },
    }
]

FORM_RENDERER = "licensing.portal.forms.Renderer"

# Sign-in: by e-mail and password, with a second factor for whoever sets one up. Accounts are made by administrators, never by visitors.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_FORMS = {"login": "licensing.portal.sign_in.SignInForm"}
ACCOUNT_ADAPTER = "licensing.portal.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "start"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Entente"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "licensing.api.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "licensing.api.problems.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Entente",
    "DESCRIPTION": "Export licensing for AI models. Errors are problem details (RFC 9457).",
    "VERSION": "1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
}

# Database: a worker or page that is stuck must not hold a case for longer than a task may run.
CONNECTION_OPTIONS = "-c lock_timeout=5s -c idle_in_transaction_session_timeout=20s -c statement_timeout=30s"


def _database() -> dict[str, Any]:
    shared: dict[str, Any] = {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": CONNECTION_OPTIONS},
    }
    given = ENVIRONMENT.database
    if given is None:
        place = place_of(SERVERS_DIR, "postgres")
        return shared | {
            "ENGINE": "licensing.local.database",
            "NAME": "entente",
            "USER": "entente",
            "HOST": str(place.sockets),
        }
    return shared | {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.name,
        "USER": given.user,
        "PASSWORD": given.password,
        "HOST": given.host,
        "PORT": given.port,
        "OPTIONS": {"connect_timeout": "5", "options": CONNECTION_OPTIONS} | given.options,
    }


DATABASES = {"default": _database()}

# Celery: a message is a doorbell, never the truth; what is lost is rung again from the outbox by `sweep`.
CELERY_BROKER_URL = ENVIRONMENT.redis_url or f"redis+socket://{place_of(SERVERS_DIR, 'redis').sockets}/redis.sock"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 0.5,
    "socket_timeout": 1,
    "max_retries": 0,  # of a bell: whoever rings does not wait for a broker that is away
}
CELERY_TASK_QUEUES = [Queue(name) for name in queues.ALL]
CELERY_TASK_DEFAULT_QUEUE = queues.CHECKS
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = queues.ROUTES
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 30
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A child that is cancelled while the broker is away takes the worker down when it is back (celery issue 9250); leases need no cancelling.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000  # kilobytes: a child above it is replaced after its task
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = queues.SCHEDULE
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # in memory: short intervals need no file

# Sessions live in the database; in the cache is only how often somebody has tried or asked: losing Redis signs nobody out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "licensing.shared_cache.SharedCache",
        "LOCATION": CELERY_BROKER_URL,
        "KEY_PREFIX": "entente",
        "OPTIONS": {"serializer": "licensing.shared_cache.Plain", "socket_connect_timeout": 0.5, "socket_timeout": 1},
    }
}

_secure = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.behind_proxy else None
X_FRAME_OPTIONS = "DENY"

WORKFLOW_CALENDARS = BASE_DIR / "fixtures" / "calendars.yaml"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
_collected = (STATIC_ROOT / "staticfiles.json").exists() or sys.argv[1:2] == ["collectstatic"]
WHITENOISE_USE_FINDERS = not _collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "documents": {
        "BACKEND": "licensing.documents.files.ContentStorage",
        "OPTIONS": {"location": VAR_DIR / "files", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "media"
UPLOAD_LARGEST_BYTES = 25 * 2**20  # one file
UPLOAD_MOST_FILES = 20  # of one subject

_mail = ENVIRONMENT.mail
EMAIL_BACKEND = {
    "file": "django.core.mail.backends.filebased.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
}[_mail.kind]
EMAIL_FILE_PATH = _mail.directory or VAR_DIR / "mail"
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.security == "starttls", _mail.security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.mail_from

LOGGING = logs.configuration(level=ENVIRONMENT.log_level, form=ENVIRONMENT.log_format)
