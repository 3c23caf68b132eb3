"""`make stop` and `make clean` know every folder that has servers of its own."""

from django.conf import settings

from licensing.env import BASE_DIR
from licensing.local.places import var_dirs
from licensing.management.commands import demo


def test_the_stage_of_the_demo_is_known() -> None:
    assert BASE_DIR / "var" / demo.FOLDER / demo.STAGE in var_dirs(BASE_DIR / "var")


def test_the_folder_of_the_tests_is_known() -> None:
    assert settings.SERVERS_DIR in var_dirs(BASE_DIR / "var")
