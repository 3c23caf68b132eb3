"""All that a document may be drawn with: the style sheets and the fonts beside the templates, and what was made for this one document."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path

import structlog
from django.conf import settings
from weasyprint import CSS
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

log = structlog.get_logger(__name__)

FOLDER: Path = settings.BASE_DIR / "templates" / "documents"
STYLES = ("page.css", "text.css")
IMAGES = {"emblem.svg": "image/svg+xml"}
SCHEME = "bundled:"
_FONTCONFIG = "FONTCONFIG_FILE"


class FetchRefused(ValueError):
    """A document asked for something that is not bundled."""


class Bundled(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Answers `bundled:NAME` for the bundled images and for what was made for this document, and refuses every other address.

    The base class would open files and sockets; none of its handlers is ever reached from here.
    """

    def __init__(self, made: Mapping[str, tuple[str, bytes]] | None = None) -> None:
        super().__init__(allowed_protocols=("bundled",), allow_redirects=False)
        self._made = dict(made or {})

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        found = self._named(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else None
        if found is None:
            log.warning("document_fetch_refused", address=url[:200])
            raise FetchRefused("a document fetches nothing")
        media_type, body = found
        return URLFetcherResponse(url, BytesIO(body), {"Content-Type": media_type})

    def _named(self, name: str) -> tuple[str, bytes] | None:
        return self._made.get(name) or images().get(name)


@cache
def images() -> dict[str, tuple[str, bytes]]:
    return {name: (media_type, (FOLDER / "images" / name).read_bytes()) for name, media_type in IMAGES.items()}


@cache
def fonts() -> FontConfiguration:
    """The bundled fonts, scanned once in a process. System fonts are left out, so that a document looks the same everywhere."""
    with _fontconfig_file(FOLDER / "fonts" / "fonts.conf"):
        return FontConfiguration()


@cache
def styles() -> list[CSS]:
    """The style sheets, parsed once in a process."""
    fetcher = Bundled()
    return [
        CSS(string=(FOLDER / name).read_text("utf-8"), url_fetcher=fetcher, base_url=SCHEME, font_config=fonts())
        for name in STYLES
    ]


@contextmanager
def _fontconfig_file(path: Path) -> Iterator[None]:
    """Fontconfig reads this variable when a configuration is made, and only then; a browser started later must not inherit it."""
    before = os.environ.get(_FONTCONFIG)
    os.environ[_FONTCONFIG] = str(path)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_FONTCONFIG]
        else:
            os.environ[_FONTCONFIG] = before
