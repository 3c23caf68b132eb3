"""Every template can be compiled: no unknown tag or filter, no missing parent."""

import re

import pytest
from django.conf import settings
from django.template.loader import get_template

FOLDER = settings.BASE_DIR / "templates"
NAMES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.suffix in (".html", ".txt"))
ELSEWHERE = ("notices/", "documents/")  # in mail and on paper there is no such policy


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name: str) -> None:
    assert get_template(name)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(ELSEWHERE)])
def test_it_holds_no_script_or_style_of_its_own(name: str) -> None:
    """The content security policy would refuse them."""
    assert re.findall(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=", (FOLDER / name).read_text()) == []
