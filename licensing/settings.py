"""Django settings. Every value that an operator may change comes from `licensing.env`."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
SECRET_KEY = "development"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "licensing.urls"
WSGI_APPLICATION = "licensing.wsgi.application"
AUTH_USER_MODEL = "accounts.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
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
    "licensing.api",
    "licensing.portal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("SCRATCH_DB", "entente"),
        "HOST": os.environ.get("SCRATCH_HOST", "/tmp/entente-scratch"),
        "USER": "postgres",
    }
}
STATIC_URL = "/static/"
