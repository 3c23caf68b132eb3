"""The browser of the tests: it reaches the live server and nothing else, and axe finds what is wrong."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page


def test_the_browser_reaches_the_site(page: Page) -> None:
    answer = page.goto("/healthz")
    assert answer is not None
    assert (answer.status, answer.text()) == (200, "ok\n")


def test_the_browser_reaches_no_other_machine(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://licensing.example/")


def test_axe_tells_what_is_wrong(page: Page, accessible: Callable[[Page], None]) -> None:
    whole = '<html lang="en"><title>A page</title><main><h1>A page</h1>{}</main></html>'
    page.set_content(whole.format("<p>Nothing is wrong.</p>"))
    accessible(page)
    page.set_content(whole.format('<img src="data:,">'))
    with pytest.raises(AssertionError, match="image-alt"):
        accessible(page)
