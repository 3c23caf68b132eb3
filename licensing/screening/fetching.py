"""Fetching the files of a list over HTTPS: from hosts that the operator has named, as far as they have changed.

No redirect leads to another host, no answer is larger than `MOST_BYTES`, and what came is compared with the length and the
digest that the server gives.
"""

import base64
import hashlib
import re
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

MOST_BYTES = 100_000_000
SECONDS = 100.0  # for all files of a list together: well below the time limit of the task, which loads them too
PATIENCE = 10.0  # for one answer of the network
CHUNK = 1 << 16
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DIGEST = re.compile(r"\bsha-256=:?([A-Za-z0-9+/=]+):?")

Validators = Mapping[str, Mapping[str, str]]


class Unreachable(Exception):
    """It may work later: try again."""


class BadSource(Exception):
    """It will not work before somebody changes something; the sentence says what."""


@dataclass(frozen=True)
class Fetched:
    """`files` by name, empty when nothing has changed since `validators`; the new validators by URL."""

    files: dict[str, bytes] = field(default_factory=dict)
    validators: dict[str, dict[str, str]] = field(default_factory=dict)


def problem(url: str, hosts: Collection[str]) -> str:
    """Why a URL cannot be a source; "" when it can. Plain http is for this machine alone."""
    try:
        parts = urlsplit(url)
        place = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return f"{url} is no web address."
    if parts.username or parts.password or parts.fragment:
        return f"{url}: leave out the name, the password and the fragment."
    if parts.scheme != "https" and not (parts.scheme == "http" and place in LOOPBACK):
        return f"{url}: give an address that begins with https://."
    if parts.netloc not in hosts:
        return f"{parts.netloc} is not among the hosts that lists may be fetched from: an operator adds it to ENTENTE_LIST_HOSTS."
    return ""


def fetch(urls: Sequence[str], validators: Validators, *, hosts: Collection[str]) -> Fetched:
    """The files behind `urls`, all of them as soon as one has changed. Raises Unreachable or BadSource."""
    for url in urls:
        if said := problem(url, hosts):
            raise BadSource(said)
    until = time.monotonic() + SECONDS
    answers = {url: _get(url, validators.get(url, {}), until) for url in urls}
    if all(answer is None for answer in answers.values()):
        return Fetched()
    whole = {url: _get(url, {}, until) if answer is None else answer for url, answer in answers.items()}
    found = Fetched()
    for url, answer in whole.items():
        if answer is None:
            raise Unreachable(f"{url}: the server says that nothing has changed, and was not asked that.")
        content, found.validators[url] = answer
        name = unquote(PurePosixPath(urlsplit(url).path).name) or "list"
        found.files[name if name not in found.files else f"{len(found.files)}-{name}"] = content
    return found


def published_on(validators: Validators) -> str:
    """The latest Last-Modified as an ISO day; "" where no server says it."""
    days = [
        parsedate_to_datetime(row["last_modified"]).date() for row in validators.values() if row.get("last_modified")
    ]
    return max(days).isoformat() if days else ""


class _SameHost(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            raise BadSource(f"{req.full_url} leads to {after.netloc or newurl}, another host: correct the address.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _get(url: str, known: Mapping[str, str], until: float) -> tuple[bytes, dict[str, str]] | None:
    """The content and its validators; None for 304."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "Entente"}
    if known.get("etag"):
        headers["If-None-Match"] = known["etag"]
    if known.get("last_modified"):
        headers["If-Modified-Since"] = known["last_modified"]
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - `problem` has looked at the scheme
    try:
        with urllib.request.build_opener(_SameHost).open(request, timeout=PATIENCE) as response:
            content = _read(url, response, until)
            _compare(url, content, response.headers)
            return content, _validators(response.headers)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 304:
            return None
        if error.code in (408, 425, 429) or error.code >= 500:
            raise Unreachable(f"{url} answers {error.code} {error.reason}.") from None
        raise BadSource(f"{url} answers {error.code} {error.reason}: correct the address.") from None
    except (OSError, HTTPException) as error:
        raise Unreachable(f"{url} cannot be reached: {error}.") from None


def _read(url: str, response: Any, until: float) -> bytes:
    content = bytearray()
    while chunk := response.read(CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise BadSource(f"{url} is larger than {MOST_BYTES // 10**6} MB: no list is.")
        if time.monotonic() > until:
            raise Unreachable(f"{url} is too slow: {len(content)} bytes in {SECONDS:.0f} s.")
    return bytes(content)


def _compare(url: str, content: bytes, headers: HTTPMessage) -> None:
    length = headers.get("Content-Length")
    if length is not None and length.isdigit() and int(length) != len(content):
        raise Unreachable(f"{url} was cut off: {len(content)} of {length} bytes came.")
    given = DIGEST.search(headers.get("Repr-Digest") or headers.get("Content-Digest") or "")
    if given and given[1] != base64.b64encode(hashlib.sha256(content).digest()).decode():
        raise Unreachable(f"{url}: what came has another SHA-256 than the server says.")


def _validators(headers: HTTPMessage) -> dict[str, str]:
    kept = {"etag": headers.get("ETag"), "last_modified": headers.get("Last-Modified")}
    return {name: value for name, value in kept.items() if value}
