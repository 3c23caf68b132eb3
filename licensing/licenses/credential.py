"""The scope of a license as a compact credential (JWS, RFC 7515, with Ed25519, RFC 8037), and the keys that it is signed with.

The private key comes from a PEM file that the settings name; without one it is made on first use under the var folder. The public
keys are rows, so that every key that ever signed is known, with its period. They are published at `/.well-known/jwks.json`.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from django.conf import settings
from django.db import transaction

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_administer
from licensing.audit.actors import SYSTEM, Actor
from licensing.audit.canonical import canonical
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.entente_check import CREDENTIAL, NoAnswer, opened
from licensing.keys import kept
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import CredentialKey, License
from licensing.licenses.queries import status
from licensing.licenses.scopes import scope_at

BUNDLE_FRESH = timedelta(hours=24)


class KeyUnusable(Exception):
    """The configured key cannot be used; the sentence says what to mend."""


@dataclass(frozen=True)
class Key:
    kid: str
    x: str
    private: Ed25519PrivateKey


@cache
def key() -> Key:
    """The key of this installation, read once in a process. Raises KeyUnusable."""
    own = Path(settings.VAR_DIR) / "signing" / "credential.pem"
    path: Path = settings.CREDENTIAL_KEY or own
    try:
        private = load_pem_private_key(path.read_bytes() if path != own else kept(own, _made), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeyUnusable(
            f"ENTENTE_CREDENTIAL_KEY {path} cannot be read ({error}): give a PEM file without a passphrase."
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusable(
            f"ENTENTE_CREDENTIAL_KEY {path} must hold an Ed25519 key: make one with `openssl genpkey -algorithm ed25519`."
        )
    x = _encoded(private.public_key().public_bytes_raw())
    thumbprint = hashlib.sha256(canonical({"crv": "Ed25519", "kty": "OKP", "x": x})).digest()
    return Key(_encoded(thumbprint), x, private)


def _made() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(kind: str, claims: Mapping[str, Any], at: datetime) -> str:
    """The claims as a JWS in its compact form, with `iss` and `iat`; `kind` is its `typ` (RFC 8725, 3.11): a credential never passes as a
    bundle, nor a bundle as a credential. Raises NotNow when the configured key signs no more.
    """
    used = _known(at)
    if not used.signs_at(at):
        raise NotNow(
            "key_retired", "The key of this installation was retired: an administrator has to configure another."
        )
    header = {"alg": "EdDSA", "kid": used.kid, "typ": kind}
    body = {**claims, "iss": settings.BASE_URL, "iat": int(at.timestamp())}
    content = f"{_encoded(canonical(header))}.{_encoded(canonical(body))}"
    return f"{content}.{_encoded(key().private.sign(content.encode()))}"


def _known(at: datetime) -> CredentialKey:
    """The row of the key of this installation, written down when it is first used."""
    found = CredentialKey.objects.filter(kid=key().kid).first()
    if found is not None:
        return found
    with transaction.atomic():
        row, new = CredentialKey.objects.get_or_create(kid=key().kid, defaults={"x": key().x, "first_used_at": at})
        if new:
            record(row, LicenseEvent.KEY_FIRST_USED, actor=SYSTEM)
    return row


def credential(license_: License, at: datetime) -> str:
    """The credential of a license that is in force. Raises NotNow for one that is not."""
    standing = status(license_, at)
    if not standing.in_force:
        raise NotNow("not_in_force", f"{license_.number} is {str(standing).replace('_', ' ')}: it has no credential.")
    times = {"nbf": int(license_.valid_from.timestamp()), "exp": int(license_.valid_until.timestamp())}
    return signed(CREDENTIAL, {**times, "sub": license_.number, "scope": scope_at(license_, at)}, at)


def key_set() -> dict[str, Any]:
    """The public keys (RFC 7517): those that sign and those that were retired, with their periods; withdrawn ones are left out."""
    rows = CredentialKey.objects.filter(withdrawn_at__isnull=True)
    return {"keys": [_published(row) for row in rows]}


def _published(row: CredentialKey) -> dict[str, Any]:
    until = {"retired_at": row.retired_at.isoformat()} if row.retired_at else {}
    published = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": row.kid, "x": row.x}
    return {**published, "first_used_at": row.first_used_at.isoformat(), **until}


def checked(token: str, at: datetime) -> dict[str, Any]:
    """The claims of a credential of ours. Raises Invalid for one that proves nothing, each with its own answer."""
    try:
        claims = opened(token, key_set(), CREDENTIAL)
    except NoAnswer as reason:
        raise Invalid.one("credential", token[:40], str(reason)) from None
    if not claims.get("nbf", 0) <= at.timestamp() < claims.get("exp", 0):
        raise Invalid.one("credential", token[:40], "The credential is not valid at this time.")
    return claims


@refusals_logged(LicenseEvent.KEY_RETIRED)
def retire_key(*, actor: Person | Actor, kid: str, at: datetime) -> CredentialKey:
    """A key signs no more; what it signed until now stays good. Raises NotPermitted, NotNow."""
    return _end(actor, kid, "retired_at", at, LicenseEvent.KEY_RETIRED, "")


@refusals_logged(LicenseEvent.KEY_WITHDRAWN)
def withdraw_key(*, actor: Person | Actor, kid: str, at: datetime, reason: str) -> CredentialKey:
    """A key that somebody else may have leaves the key set: nothing that it signed proves anything any more."""
    if not reason.strip():
        raise Invalid.one("reason", reason, "Say why the key is withdrawn.")
    return _end(actor, kid, "withdrawn_at", at, LicenseEvent.KEY_WITHDRAWN, reason.strip())


def _end(actor: Person | Actor, kid: str, name: str, at: datetime, event: LicenseEvent, reason: str) -> CredentialKey:
    with transaction.atomic():
        row = CredentialKey.objects.select_for_update(of=("self",)).filter(kid=kid).first()
        if isinstance(actor, Person) and not may_administer(actor):
            raise NotPermitted("not_administrator", "Administrators of the authority rule over its keys.")
        if row is None:
            raise Invalid.one(
                "kid", kid[:80], "No key of ours has this thumbprint: `manage.py credentials keys` lists them."
            )
        if getattr(row, name) is not None:
            raise NotNow("key_ended", f"The key {kid[:16]}… was {name.removesuffix('_at')} already.")
        setattr(row, name, at)
        row.save(update_fields=[name])
        record(row, event, actor=actor, **({"reason": reason} if reason else {}))
    return row
