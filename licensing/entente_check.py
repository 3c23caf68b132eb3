#!/usr/bin/env python3
"""entente-check: may this model be released, to this recipient, now? For deployment pipelines; plain Python, no dependencies.

    entente-check --server https://licensing.example --weights ./model --modality weights_transfer --destination NO \\
        --recipient "Fjordhelse Sykehus HF" --site "Oslo North 2"
    entente-check --server https://licensing.example --save-bundle bundle.jws --save-keys keys.json
    entente-check --bundle bundle.jws --keys keys.json --model-hash 9b1f… --modality … --destination … --recipient …

Exit code 0: allowed. 1: not allowed. 2: nobody could say (no connection, a stale bundle, a malformed question). The token of the
organization is read from ENTENTE_TOKEN. The server answers by the same `missing` as this file does offline.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ALLOWED, NOT_ALLOWED, NO_ANSWER = 0, 1, 2
TIMEOUT_S = 10
AHEAD = timedelta(minutes=5)  # by how much clocks may differ
MOST_HOURS = 24.0
CHUNK = 2**22
QUANTITY = re.compile(r"[0-9]{1,18}(\.[0-9]{1,2})?")
CREDENTIAL, BUNDLE = "license-credential+jwt", "license-bundle+jwt"
OTHER_KIND = {
    CREDENTIAL: "This is not the credential of a license. A bundle proves no license: ask for its credential.",
    BUNDLE: "This is not a bundle. A credential says what one license allows: fetch a bundle with --save-bundle.",
}
FILE_NAME = re.compile(r"[^\x00-\x1f\x7f]+")


class NoAnswer(Exception):
    """Nobody could say; the sentence names the reason and the mend."""


# What a release and a scope are.


def name_hash(name: str, country: str) -> str:
    """What stands for a party or a site in a scope: SHA-256 of the country code and the name, case and spacing aside."""
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return hashlib.sha256(f"{country}\n{folded}".encode()).hexdigest()


def missing(scope: Mapping[str, Any], release: Mapping[str, Any], at: datetime) -> list[str]:
    """Why a scope does not cover a release, a sentence each; empty when it does.

    `release` has model_hash, modality, destination, recipient, recipient_country, site, site_country (the site may be empty), and
    perhaps quantity.
    """
    name = scope["number"]
    recipient = name_hash(release["recipient"], release["recipient_country"])
    told = []
    if release["model_hash"] not in scope["models"]:
        told.append(f"{name} does not cover this model.")
    if release["modality"] not in scope["modes"]:
        told.append(f"{name} does not cover {release['modality'].replace('_', ' ')}.")
    if release["destination"] not in scope["destinations"]:
        told.append(f"{name} does not cover the destination {release['destination']}.")
    if recipient not in scope["recipients"]:
        told.append(f"{name} does not name {release['recipient']} ({release['recipient_country']}) as a recipient.")
    if not release["site"]:
        told += [f"{name} names sites: say which one it is."] if scope["sites"] else []
    elif name_hash(release["site"], release["site_country"]) not in scope["sites"]:
        told.append(f"{name} does not name the site {release['site']} ({release['site_country']}).")
    if not _instant(scope["valid_from"]) <= at < _instant(scope["valid_until"]):
        told.append(f"{name} holds from {scope['valid_from'][:16]} until {scope['valid_until'][:16]} UTC.")
    if scope.get("counted_in") and not release.get("quantity"):
        return [*told, f"{name} counts what is released: state the quantity in {scope['counted_in']}."]
    return told + exceeded(scope.get("limits", ()), release)


def exceeded(limits: Iterable[Mapping[str, Any]], release: Mapping[str, Any]) -> list[str]:
    """What of the limits leaves no room for a release, a sentence each.

    A limit has `modes`, `otherwise` (the sentence), and `most` that is left, or `below` what a quantity has to stay; `counts` says
    whether the stated quantity is what it limits. Where nothing is left, nothing may go.
    """
    told = []
    for limit in limits:
        quantity = Decimal(str(release.get("quantity") or 0)) if limit["counts"] else Decimal(0)
        over = quantity >= Decimal(limit["below"]) if "below" in limit else quantity > Decimal(limit["most"])
        if release["modality"] in limit["modes"] and (over or limit.get("most") == "0"):
            told.append(str(limit["otherwise"]))
    return told


def unchecked(scope: Mapping[str, Any], release: Mapping[str, Any], issued: datetime) -> list[str]:
    """What an answer from a bundle does not rest on, a sentence each."""
    told = [f"Nothing that happened after {issued:%Y-%m-%d %H:%M} UTC was looked at: use, suspensions, orders, lists."]
    left = [
        limit
        for limit in scope.get("limits", ())
        if release["modality"] in limit["modes"]
        and "most" in limit
        and not (limit["counts"] and release.get("quantity"))
    ]
    return told + [f"Whether this goes beyond what is left was not looked at: {limit['otherwise']}" for limit in left]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


# The hash of a model: the manifest of its weights.


def manifest_of(folder: Path) -> str:
    """The manifest of every file below a folder: sorted lines `<sha256>  <size in bytes>  <path>`, paths in Unicode form C.

    Raises NotADirectoryError, and ValueError for an empty folder, a name with control characters, or a link: what a link leads to
    may change or lie elsewhere.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder")
    lines = []
    for path in folder.rglob("*"):
        if path.is_symlink():
            raise ValueError(f"{path} is a link: put the file itself into the folder")
        if path.is_file():
            name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
            if not FILE_NAME.fullmatch(name):
                raise ValueError(f"{name!r} cannot stand on one line: give the file another name")
            lines.append(f"{_file_hash(path)}  {path.stat().st_size}  {name}")
    if not lines:
        raise ValueError(f"{folder} has no files")
    return "".join(f"{line}\n" for line in sorted(lines))


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def model_hash(manifest: str) -> str:
    """The SHA-256 of a manifest, 64 hexadecimal characters."""
    return hashlib.sha256(manifest.encode()).hexdigest()


# Ed25519, verification only (RFC 8032, 5.1.7), on points (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature (64 bytes) of the message is by the key (32 bytes)."""
    key, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or len(signature) != 64 or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = _times(s, BASE), _add(r, _times(h, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def _point(written: bytes) -> "Point | None":
    if len(written) != 32:
        return None
    number = int.from_bytes(written, "little")
    y, odd = number & (2**255 - 1), number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and odd):
        return None
    x = x if x & 1 == odd else P - x
    return x, y, 1, x * y % P


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while number:
        total = _add(total, point) if number & 1 else total
        point, number = _add(point, point), number >> 1
    return total


_BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
BASE: Point = _BASE or (0, 1, 1, 0)


# What the authority has signed.


def opened(token: str, keys: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The claims of a JWS (compact form) of this kind that a key of the set has signed while it was in use. Raises NoAnswer, saying
    why not.
    """
    try:
        head, body, signature = (_decoded(part) for part in token.strip().split("."))
        header, claims = json.loads(head), json.loads(body)
        kid, issued = str(header["kid"]), datetime.fromtimestamp(int(claims["iat"]), UTC)
    except (ValueError, KeyError, TypeError, OverflowError):
        raise NoAnswer("This is not a credential or bundle: its form is wrong.") from None
    key = next((key for key in keys.get("keys", ()) if key.get("kid") == kid), None)
    if key is None or header.get("alg") != "EdDSA" or key.get("crv") != "Ed25519":
        raise NoAnswer(f"It is signed with the key {kid[:16]}…, which is not in the key set of the authority.")
    if not ed25519_verifies(_decoded(key["x"]), token.strip().rpartition(".")[0].encode(), signature):
        raise NoAnswer("The signature is not of this content: it was altered.")
    if key.get("retired_at") and issued >= _instant(key["retired_at"]):
        raise NoAnswer(f"It was signed after its key was retired, at {key['retired_at'][:16]} UTC.")
    if header.get("typ") != kind:
        raise NoAnswer(OTHER_KIND[kind])
    return dict(claims)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def offline(
    token: str, keys: Mapping[str, Any], release: Mapping[str, Any], now: datetime, hours: float
) -> dict[str, Any]:
    """The answer from a bundle. Raises NoAnswer for one that is not the authority's, or is older than so many hours."""
    claims = opened(token, keys, BUNDLE)
    issued = datetime.fromtimestamp(claims["iat"], UTC)
    until = min(issued + timedelta(hours=hours), datetime.fromtimestamp(claims["exp"], UTC))
    if not issued - AHEAD <= now < until:
        raise NoAnswer(f"The bundle of {issued:%Y-%m-%d %H:%M} UTC is not fresh: fetch it again with --save-bundle.")
    told: list[str] = []
    for scope in claims["scopes"]:
        lacks = missing(scope, release, now)
        if not lacks:
            return {
                "allowed": True, "under": scope["number"], "conditions": scope["conditions"], "missing": [],
                "unchecked": unchecked(scope, release, issued),
            }  # fmt: skip
        told += lacks if release["model_hash"] in scope["models"] else []
    nothing = ["Nothing in the bundle covers this model."]
    return {"allowed": False, "under": "", "conditions": [], "missing": told or nothing, "unchecked": []}


# The server, and the command.


def ask(server: str, path: str, token: str = "", data: "Mapping[str, Any] | None" = None) -> bytes:
    """A request to the server. Raises NoAnswer with what it says of a question that it cannot take."""
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/plain"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    address = server.rstrip("/") + path
    if not address.startswith(("https://", "http://")):
        raise NoAnswer(f"{server} is no address of a server: write https://licensing.example.")
    body = None if data is None else json.dumps(data).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=TIMEOUT_S) as answer:  # noqa: S310 - checked above
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        raise NoAnswer(f"{server} answers {error.code}: {_told(error.read())}") from None
    except (OSError, ValueError) as error:
        raise NoAnswer(f"{server} cannot be reached: {error}") from None


def _told(body: bytes) -> str:
    try:
        problem = json.loads(body)
        return " ".join(
            [str(problem["detail"]), *(f"{row['field']}: {row['detail']}" for row in problem.get("errors", ()))]
        )
    except (ValueError, KeyError, TypeError):
        return "no reason is given."


def _arguments(argv: "Sequence[str] | None") -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="entente-check", description="May this model be released, to this recipient, now?"
    )
    parser.add_argument("--server", help="address of the authority's site; the token is read from ENTENTE_TOKEN")
    parser.add_argument("--bundle", type=Path, help="answer from this signed bundle, without a connection")
    parser.add_argument("--keys", type=Path, help="the authority's key set, for --bundle")
    parser.add_argument("--max-age-hours", type=float, default=MOST_HOURS, help="how old a bundle may be (24)")
    parser.add_argument("--save-bundle", type=Path, help="fetch the bundle into this file, and ask nothing")
    parser.add_argument("--save-keys", type=Path, help="fetch the key set into this file")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model-hash", default="")
    which.add_argument("--weights", type=Path, help="the folder of the weights; its hash is computed")
    parser.add_argument("--quantity", default="", help="where an authorization or a license has a limit, in its unit")
    parser.add_argument("--facts", type=Path, help="a JSON file with facts that only you know; on-line only")
    for name in ("modality", "destination", "recipient", "recipient-country", "site", "site-country"):
        parser.add_argument(f"--{name}", default="")
    return parser.parse_args(argv)


def _release(given: argparse.Namespace) -> dict[str, str]:
    names = ("model_hash", "modality", "destination", "recipient", "recipient_country", "site", "site_country")
    release = {name: getattr(given, name) for name in names}
    if given.weights:
        release["model_hash"] = model_hash(manifest_of(given.weights))
    for name in ("recipient_country", "site_country"):
        release[name] = release[name] or release["destination"]
    if given.quantity:
        release["quantity"] = _quantity(given.quantity)
    lacking = [f"--{name.replace('_', '-')}" for name in names[:4] if not release[name]]
    if lacking:
        raise NoAnswer(f"Give {', '.join(lacking)}.")
    return release


def _quantity(text: str) -> str:
    if not QUANTITY.fullmatch(text) or not Decimal(text):
        raise NoAnswer(f"--quantity {text!r} is no number above zero: write it as 2 or 1500000.")
    return text


def answer(given: argparse.Namespace, now: datetime) -> "dict[str, Any] | None":
    """The answer, or None when something was fetched only. Raises NoAnswer, OSError and ValueError."""
    token = os.environ.get("ENTENTE_TOKEN", "")
    if given.bundle:
        if not given.keys:
            raise NoAnswer("Give the authority's key set with --keys.")
        if given.facts:
            raise NoAnswer("--facts are looked at on-line alone: ask with --server, or leave them out.")
        keys = json.loads(given.keys.read_text("utf-8"))
        return offline(given.bundle.read_text("ascii"), keys, _release(given), now, given.max_age_hours)
    if not given.server:
        raise NoAnswer("Give --server, or --bundle and --keys.")
    if given.save_keys:
        given.save_keys.write_bytes(ask(given.server, "/.well-known/jwks.json"))
    if given.save_bundle:
        given.save_bundle.write_bytes(ask(given.server, "/api/v1/bundle/", token))
    if given.save_keys or given.save_bundle:
        return None
    asked: dict[str, Any] = dict(_release(given))
    asked |= {"facts": json.loads(given.facts.read_text("utf-8"))} if given.facts else {}
    return dict(json.loads(ask(given.server, "/api/v1/release-checks/", token, asked)))


def main(argv: "Sequence[str] | None" = None) -> int:
    try:
        found = answer(_arguments(argv), datetime.now(UTC))
    except (NoAnswer, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return NO_ANSWER
    if found is None:
        return ALLOWED
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return ALLOWED if found["allowed"] is True else NOT_ALLOWED


if __name__ == "__main__":
    sys.exit(main())
