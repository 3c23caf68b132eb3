"""Signing: PAdES with certification, so that a reader shows any later change as a breach (ETSI EN 319 142-1, DocMDP level 1).

Level B-LT where a timestamp service is configured (see `timestamps`), B-B otherwise.

The key comes from a PKCS#12 file that the settings name. Without one, a development key is made on first use under the var folder;
what it signs says so on every page.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from asn1crypto import x509 as asn1_x509
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
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from licensing.documents.timestamps import long_term
from licensing.keys import kept

FIELD = "AuthoritySignature"
DEVELOPMENT_NAME = "Entente development key, not valid for export"
BYTES_FOR_SIGNATURE = 8192  # one signature with its chain


class KeyUnusable(Exception):
    """The configured signing key cannot be used; the sentence says what to mend."""


class TimestampMissing(Exception):
    """The timestamp service, or a place of its certificates, did not answer as it should; the document is tried again."""


@dataclass(frozen=True)
class Key:
    """A signing key, ready for use: `fingerprint` is the SHA-256 of its certificate (DER), `certificate` is PEM."""

    fingerprint: str
    subject: str
    certificate: str
    development: bool
    signer: signers.SimpleSigner

    @property
    def chain(self) -> list[asn1_x509.Certificate]:
        """The certificate and those above it, as far as they are known."""
        return [self.signer.signing_cert, *self.signer.cert_registry]


@cache
def key() -> Key:
    """The key of this installation, read once in a process. Raises KeyUnusable."""
    path: Path | None = settings.SIGNING_KEY
    if path is None:
        return _development_key(Path(settings.VAR_DIR) / "signing" / "development.pem")
    return _configured_key(path, settings.SIGNING_PASSPHRASE)


def sign(pdf: bytes, *, reason: str) -> bytes:
    """The PDF with a certifying signature that allows no change; the original bytes stay as they are, in front.

    Raises TimestampMissing where a timestamp service is configured and gives none.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    lasting = long_term(key().chain)
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        name=key().subject,
        reason=reason,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
        signer_key_usage={"digital_signature"},
        **(lasting.metadata if lasting else {}),
    )
    field = fields.SigFieldSpec(
        sig_field_name=FIELD, invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True)
    )
    signed = io.BytesIO()
    timestamper = lasting.timestamper if lasting else None
    try:
        signers.PdfSigner(metadata, signer=key().signer, timestamper=timestamper, new_field_spec=field).sign_pdf(
            writer, bytes_reserved=None if lasting else BYTES_FOR_SIGNATURE, output=signed
        )
    except (TimestampRequestError, SigningError) as error:
        if lasting is None:
            raise
        raise TimestampMissing(f"ENTENTE_TIMESTAMP_URL {settings.TIMESTAMP_URL}: {error}") from error
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
    content = kept(path, _made)
    private = load_pem_private_key(content, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise KeyUnusable(f"{path} must hold an elliptic-curve key; remove it and a new one is made.")
    return _ready(private, x509.load_pem_x509_certificate(content), [], development=True)


def _made() -> bytes:
    private = ec.generate_private_key(ec.SECP256R1())
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return content + _self_signed(private).public_bytes(Encoding.PEM)


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
