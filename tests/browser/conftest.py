"""A real browser on a real server: Chromium, which finds no other machine, and Django's live server."""

import shutil
from collections.abc import Callable, Iterator, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

NAMES = ("chromium", "chromium-browser", "google-chrome")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_LAYOUT = ["scrollable-region-focusable", "target-size"]  # what a page may fail at one width alone
PATIENCE = 10_000  # milliseconds


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file; it is gone, with its event loop, before other tests run."""
    program = settings.ENVIRONMENT.chromium or next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "there is no Chromium: set CHROMIUM to its path"
    patch = pytest.MonkeyPatch()
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code of ours.
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    only_here = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        # Chromium's own sandbox cannot be had by root or in most containers; it meets no page but ours.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", only_here])
        yield browser
        browser.close()
    patch.undo()


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """An empty browser at the address of the live server: `page.goto("/")`. What pages throw fails the test."""
    context = chromium.new_context(base_url=live_server.url, locale="en-US")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    context.close()
    assert thrown == []


@pytest.fixture
def accessible() -> Callable[..., None]:
    """Assert that axe finds nothing against WCAG 2.2 AA on the page as it stands, or nothing by these rules."""

    def check(page: Page, rules: Sequence[str] = ()) -> None:
        only = {"type": "rule", "values": [*rules]} if rules else {"type": "tag", "values": WCAG}
        found = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response["violations"]
        told = [f"{each['id']}: {each['help']} at {each['nodes'][0]['target']}" for each in found]
        assert told == [], f"{page.url}: " + "; ".join(told)

    return check
