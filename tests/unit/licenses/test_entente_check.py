"""The client for pipelines, by itself: signatures against another implementation, bundles, and its three answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as some

from licensing import entente_check
from licensing.entente_check import (
    BUNDLE,
    CREDENTIAL,
    NoAnswer,
    ed25519_verifies,
    missing,
    model_hash,
    name_hash,
    offline,
    opened,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HASH = "9b" * 32
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RELEASE = {
    "model_hash": HASH, "modality": "weights_transfer", "destination": "NO", "recipient": "Fjordhelse Sykehus HF",
    "recipient_country": "NO", "site": "Oslo North 2", "site_country": "NO",
}  # fmt: skip
SCOPE = {
    "number": "AIX-1", "models": [HASH], "modes": ["weights_transfer"], "destinations": ["NO"], "conditions": [{"key": "condition:x"}],
    "recipients": [name_hash("Fjordhelse Sykehus HF", "NO")], "sites": [name_hash("Oslo North 2", "NO")],
    "valid_from": "2026-01-01T00:00:00+00:00", "valid_until": "2028-01-01T00:00:00+00:00",
}  # fmt: skip


@dataclass(frozen=True)
class Signer:
    """Whoever signs: a key of the set, for as long as it is in use."""

    private: Ed25519PrivateKey = PRIVATE
    kid: str = "k1"
    kind: str = BUNDLE

    def keys(self, **more: str) -> dict[str, Any]:
        x = entente_check.base64.urlsafe_b64encode(self.private.public_key().public_bytes_raw()).rstrip(b"=").decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": self.kid, "x": x, **more}]}

    def token(self, issued: datetime = NOW, **claims: object) -> str:
        body = {"iat": int(issued.timestamp()), "exp": int((issued + timedelta(hours=24)).timestamp()), **claims}
        content = f"{_written({'alg': 'EdDSA', 'kid': self.kid, 'typ': self.kind})}.{_written(body)}"
        signature = entente_check.base64.urlsafe_b64encode(self.private.sign(content.encode())).rstrip(b"=").decode()
        return f"{content}.{signature}"


def _written(value: Mapping[str, object]) -> str:
    return entente_check.base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@given(some.binary(max_size=200), some.integers(0, 511))
@settings(max_examples=60, deadline=None)
def test_it_takes_what_another_implementation_signs_and_nothing_that_differs_by_a_bit(message: bytes, bit: int) -> None:
    public, signature = PRIVATE.public_key().public_bytes_raw(), PRIVATE.sign(message)
    assert ed25519_verifies(public, message, signature)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert not ed25519_verifies(public, message, bytes(changed))
    assert not ed25519_verifies(public, message + b"x", signature)


@pytest.mark.parametrize("public", [b"", b"\xff" * 32, (2).to_bytes(32, "little")])
def test_what_is_no_key_verifies_nothing(public: bytes) -> None:
    assert ed25519_verifies(public, b"m", PRIVATE.sign(b"m")) is False


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model_hash": "00" * 32}, "does not cover this model"),
        ({"modality": "api_access"}, "does not cover api access"),
        ({"destination": "SE"}, "destination SE"),
        ({"recipient": "Another Hospital"}, "does not name Another Hospital"),
        ({"recipient_country": "SE"}, "does not name"),
        ({"site": ""}, "say which one"),
        ({"site": "Oslo South"}, "does not name the site"),
        ({}, ""),
        ({"recipient": "FJORDHELSE  sykehus hf"}, ""),
    ],
)
def test_a_scope_covers_what_it_names_and_nothing_else(change: dict[str, str], told: str) -> None:
    lacks = missing(SCOPE, {**RELEASE, **change}, NOW)
    assert [line for line in lacks if told not in line] == []
    assert bool(lacks) == bool(told)


def test_a_scope_ends_to_the_minute() -> None:
    assert missing(SCOPE, RELEASE, datetime(2028, 1, 1, tzinfo=UTC) - timedelta(seconds=1)) == []
    assert "holds from" in missing(SCOPE, RELEASE, datetime(2028, 1, 1, tzinfo=UTC))[0]


def test_each_bad_credential_has_its_own_answer() -> None:
    ours, other = Signer(kind=CREDENTIAL), Signer(Ed25519PrivateKey.generate(), kind=CREDENTIAL)
    assert opened(ours.token(sub="AIX-1"), ours.keys(), CREDENTIAL)["sub"] == "AIX-1"
    for token, keys, told in (
        ("no credential", ours.keys(), "its form is wrong"),
        (Signer(kid="k0").token(), ours.keys(), "not in the key set"),
        (other.token(), ours.keys(), "was altered"),
        (ours.token(), ours.keys(retired_at=NOW.isoformat()), "after its key was retired"),
        (Signer().token(scopes=[SCOPE]), ours.keys(), "A bundle proves no license"),
        (Signer(kind="JWT").token(), ours.keys(), "not the credential of a license"),
    ):
        with pytest.raises(NoAnswer, match=told):
            opened(token, keys, CREDENTIAL)
    before = ours.token(NOW - timedelta(days=1))
    assert opened(before, ours.keys(retired_at=NOW.isoformat()), CREDENTIAL), (
        "what a key signed before it was retired stays good"
    )


def test_a_bundle_answers_without_a_connection_while_it_is_fresh() -> None:
    ours = Signer()
    token = ours.token(scopes=[SCOPE])
    found = offline(token, ours.keys(), RELEASE, NOW + timedelta(hours=1), 24)
    assert (found["allowed"], found["under"]) == (True, "AIX-1")
    refused = offline(token, ours.keys(), {**RELEASE, "destination": "SE"}, NOW, 24)
    assert (refused["allowed"], refused["missing"]) == (False, ["AIX-1 does not cover the destination SE."])
    for now, hours in ((NOW + timedelta(hours=2), 1), (NOW + timedelta(hours=25), 99), (NOW - timedelta(hours=1), 24)):
        with pytest.raises(NoAnswer, match="not fresh"):
            offline(token, ours.keys(), RELEASE, now, hours)


LEFT = {
    "modes": ["weights_transfer"],
    "counts": True,
    "most": "2",
    "otherwise": "AIX-1 caps quantity: 2 copies is left.",
}
NOTICE = {"modes": ["weights_transfer"], "counts": True, "below": "2", "otherwise": "Notify first."}
SEATS = {"modes": ["api_access"], "counts": False, "most": "0", "otherwise": "AIX-1 caps seats: 0 is left."}


@pytest.mark.parametrize(
    ("quantity", "changes", "lacks"),
    [
        ("2", {"limits": [LEFT, SEATS]}, []),
        ("2.01", {"limits": [LEFT]}, ["AIX-1 caps quantity: 2 copies is left."]),
        ("2", {"limits": [LEFT, NOTICE]}, ["Notify first."]),
        ("1.99", {"limits": [NOTICE], "counted_in": "TPP"}, []),
        ("", {"limits": [NOTICE], "counted_in": "TPP"}, ["AIX-1 counts what is released: state the quantity in TPP."]),
        ("", {"limits": [{**SEATS, "modes": ["weights_transfer"]}]}, ["AIX-1 caps seats: 0 is left."]),
    ],
)
def test_a_limit_is_kept_as_of_the_bundle(quantity: str, changes: dict[str, Any], lacks: list[str]) -> None:
    assert missing({**SCOPE, **changes}, {**RELEASE, "quantity": quantity}, NOW) == lacks


def test_an_answer_without_a_connection_says_what_it_does_not_rest_on() -> None:
    ours = Signer()
    token = ours.token(scopes=[{**SCOPE, "limits": [LEFT]}])
    known = offline(token, ours.keys(), {**RELEASE, "quantity": "1"}, NOW, 24)
    assert known["unchecked"] == [
        "Nothing that happened after 2026-11-25 12:00 UTC was looked at: use, suspensions, orders, lists."
    ]
    unstated = offline(token, ours.keys(), RELEASE, NOW, 24)
    assert (unstated["allowed"], "2 copies is left" in unstated["unchecked"][1]) == (True, True)


def test_the_command_exits_with_0_1_or_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, weights = Signer(), tmp_path / "weights"
    weights.mkdir()
    (weights / "model.safetensors").write_bytes(b"weights")
    hashed = model_hash(entente_check.manifest_of(weights))
    bundle, keys = tmp_path / "bundle.jws", tmp_path / "keys.json"
    bundle.write_text(ours.token(datetime.now(UTC), scopes=[{**SCOPE, "models": [hashed]}]))
    keys.write_text(json.dumps(ours.keys()))
    question = [
        "--bundle", str(bundle), "--keys", str(keys), "--weights", str(weights), "--modality", "weights_transfer", "--destination", "NO",
        "--site", "Oslo North 2", "--recipient",
    ]  # fmt: skip
    assert entente_check.main([*question, "Fjordhelse Sykehus HF"]) == 0
    assert json.loads(capsys.readouterr().out)["under"] == "AIX-1"
    assert entente_check.main([*question, "Somebody Else"]) == 1
    bundle.write_text(Signer(kind=CREDENTIAL).token(datetime.now(UTC), scope=SCOPE))
    assert entente_check.main([*question, "Fjordhelse Sykehus HF"]) == 2
    assert "A credential says what one license allows" in capsys.readouterr().err
    assert entente_check.main([*question, ""]) == 2
    assert "--recipient" in capsys.readouterr().err
    for quantity in ("none", "0", "-1", "1e400"):
        assert entente_check.main([*question, "Fjordhelse Sykehus HF", f"--quantity={quantity}"]) == 2
    assert "no number above zero" in capsys.readouterr().err
    assert entente_check.main([*question, "Fjordhelse Sykehus HF", "--facts", str(keys)]) == 2, "a fact may prohibit"
    assert entente_check.main(["--server", "http://127.0.0.1:9", *question[4:], "Fjordhelse Sykehus HF"]) == 2
    keys.write_text("{}")
    assert entente_check.main([*question, "Fjordhelse Sykehus HF"]) == 2
