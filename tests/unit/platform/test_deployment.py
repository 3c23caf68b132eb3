"""Dockerfile and compose.yaml say what Procfile, requirements and the settings say."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from licensing import env, health, queues
from licensing.local import postgres
from licensing.local.processes import parts
from requirements import install

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "migrate")
SETTINGS = {setting.name for setting in env.described()}


@pytest.mark.parametrize("name", list(parts()))
def test_each_process_of_procfile_is_a_service_with_the_same_command(name: str) -> None:
    assert shlex.split(SERVICES[name]["command"]) == parts()[name]


def test_there_is_no_service_that_procfile_does_not_know() -> None:
    assert set(SERVICES) == {*parts(), "postgres", "redis", "migrate"}


def test_the_worker_takes_every_queue() -> None:
    (listed,) = re.findall(r"--queues (\S+)", (ROOT / "Procfile").read_text())
    assert sorted(listed.split(",")) == sorted(queues.ALL)


@pytest.mark.parametrize("name", OURS)
def test_every_setting_passed_to_a_service_exists(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= SETTINGS


def test_every_setting_of_the_image_and_of_the_example_exists() -> None:
    image = re.findall(r"\b(ENTENTE_[A-Z_]+)=", DOCKERFILE)
    example = re.findall(r"^(ENTENTE_[A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert image
    assert example
    assert {*image, *example} <= SETTINGS


def test_every_variable_that_compose_needs_is_in_the_example() -> None:
    needed = set(re.findall(r"\$\{([A-Z_]+)[:}]", (ROOT / "compose.yaml").read_text()))
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert needed - example <= {"ENTENTE_TIMESTAMP_URL"}  # the only one that most do without
    assert example <= needed


def test_compose_passes_values_that_the_settings_can_read() -> None:
    values = SERVICES["web"]["environment"]
    filled = {name: re.sub(r"\$\{[A-Z_]+:-(.*?)\}", r"\1", value) for name, value in values.items()}
    filled = {name: re.sub(r"\$\{[A-Z_]+:\?.*?\}", "x" * 40, value) for name, value in filled.items()}
    read = env.read(filled)
    assert read.database is not None
    assert (read.database.host, read.database.name) == ("postgres", SERVICES["postgres"]["environment"]["POSTGRES_DB"])
    assert read.redis_url == "redis://redis:6379/0"


def test_the_servers_are_of_the_versions_that_are_tested() -> None:
    assert SERVICES["postgres"]["image"] == f"postgres:{postgres.MAJOR}"
    assert SERVICES["redis"]["image"].startswith("redis:")


def test_the_image_has_a_python_that_the_project_takes() -> None:
    (found,) = re.findall(r"^FROM python:(\d+)\.(\d+)-slim-bookworm$", DOCKERFILE, re.MULTILINE)
    assert tuple(map(int, found)) >= install.OLDEST


def test_the_image_has_the_libraries_that_set_up_asks_for() -> None:
    asked = {need.package for need in install.needs(["app"], for_tests=False) if need.package.startswith("lib")}
    assert asked == set(re.findall(r"^\s+(lib\S+) \\$", DOCKERFILE, re.MULTILINE))


def test_compose_and_the_image_know_the_health_address_and_the_port() -> None:
    assert f"127.0.0.1:8000{health.ADDRESS}'" in SERVICES["web"]["healthcheck"]["test"][-1]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "\nEXPOSE 8000\n" in DOCKERFILE
    assert env.read({}).port == 8000


def test_redis_keeps_nothing_and_never_drops_a_message() -> None:
    words = shlex.split(SERVICES["redis"]["command"])
    assert words[words.index("--save") + 1] == ""
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"


def test_a_stopping_worker_may_finish_its_task() -> None:
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) > settings.CELERY_TASK_TIME_LIMIT


def test_no_secret_is_written_down() -> None:
    example = (ROOT / ".env.example").read_text()
    for name in ("POSTGRES_PASSWORD", "ENTENTE_SECRET_KEY", "ENTENTE_SIGNING_PASSPHRASE"):
        assert f"{name}=\n" in example
    assert "/.env" in (ROOT / ".gitignore").read_text().splitlines()
