"""Signing: PAdES-B-B with certification, so that a reader shows any later change as a breach (ETSI EN 319 142-1, DocMDP level 1).

The key comes from a PKCS#12 file that the settings name. Without one, a development key is made on first use under the var folder;
what it signs says so on every page.
"""

import io
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1, translate_pyca_cryptography_key_to_asn1
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "AuthoritySignature"
DEVELOPMENT_NAME = "Entente development key, not valid for export"
BYTES_FOR_SIGNATURE = 8192  # one P-256 signature with its chain; a timestamp adds about 6 kB
BYTES_FOR_TIMESTAMP = 8192


class KeyUnusable(Exception):
    """The configured signing key cannot be used; the sentence says what to mend."""


@dataclass(frozen=True)
class Key:
    """A signing key, ready for use: `fingerprint` is the SHA-256 of its certificate (DER), `certificate` is PEM."""

    fingerprint: str
    subject: str
    certificate: str
    development: bool
    signer: signers.SimpleSigner


@cache
def key() -> Key:
    """The key of this installation, read once in a process. Raises KeyUnusable."""
    path: Path | None = settings.SIGNING_KEY
    if path is None:
        return _development_key(Path(settings.VAR_DIR) / "signing" / "development.pem")
    return _configured_key(path, settings.SIGNING_PASSPHRASE)


def sign(pdf: bytes, *, reason: str) -> bytes:
    """The PDF with a certifying signature that allows no change; the original bytes stay as they are, in front."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        name=key().subject,
        reason=reason,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    field = fields.SigFieldSpec(
        sig_field_name=FIELD, invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True)
    )
    address = settings.TIMESTAMP_URL
    signed = io.BytesIO()
    signers.PdfSigner(
        metadata,
        signer=key().signer,
        timestamper=HTTPTimeStamper(address) if address else None,
        new_field_spec=field,
    ).sign_pdf(
        writer,
        bytes_reserved=BYTES_FOR_SIGNATURE + (BYTES_FOR_TIMESTAMP if address else 0),
        output=signed,
    )
    return signed.getvalue()


def _configured_key(path: Path, passphrase: str) -> Key:
    try:
        private, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase.encode() or None)
    except (OSError, ValueError) as error:
        raise KeyUnusable(
            f"ENTENTE_SIGNING_KEY {path} cannot be read ({error}): give a PKCS#12 file and its passphrase."
        ) from error
    if certificate is None or not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise KeyUnusable(f"ENTENTE_SIGNING_KEY {path} must hold an elliptic-curve or RSA key and its certificate.")
    return _ready(private, certificate, chain, development=False)


def _development_key(path: Path) -> Key:
    if not path.exists():
        _make_development_key(path)
    content = path.read_bytes()
    private = load_pem_private_key(content, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise KeyUnusable(f"{path} must hold an elliptic-curve key; remove it and a new one is made.")
    return _ready(private, x509.load_pem_x509_certificate(content), [], development=True)


def _make_development_key(path: Path) -> None:
    """Processes that race get the same key: the first to link its file into place wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(private)
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content + certificate.public_bytes(Encoding.PEM))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _self_signed(private: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT_NAME)])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )


def _ready(
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    certificate: x509.Certificate,
    chain: list[x509.Certificate],
    *,
    development: bool,
) -> Key:
    others = SimpleCertificateStore()
    others.register_multiple(translate_pyca_cryptography_cert_to_asn1(each) for each in chain)
    return Key(
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        subject=certificate.subject.rfc4514_string(),
        certificate=certificate.public_bytes(Encoding.PEM).decode(),
        development=development,
        signer=signers.SimpleSigner(
            signing_cert=translate_pyca_cryptography_cert_to_asn1(certificate),
            signing_key=translate_pyca_cryptography_key_to_asn1(private),
            cert_registry=others,
        ),
    )
