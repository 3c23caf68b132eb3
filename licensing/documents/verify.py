"""Checking a document that somebody hands in: is it ours, is it whole, who signed it. Keeps nothing and fetches nothing."""

import io
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import pem, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    validate_pdf_signature,
)
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from licensing.documents import differences
from licensing.documents.files import sha256_of
from licensing.documents.models import Document, SigningKey
from licensing.documents.sign import FIELD

MOST_BYTES = 25 * 2**20


@dataclass(frozen=True)
class Verification:
    """What a check found. `genuine`: our signature, over the whole file, unbroken, and the file is in the register.

    `known` says that the register holds exactly this file; `sentences` say it all for people. `issued` is the document as it was
    issued, where the file says which one it is, even when it was altered; `altered` says where.
    """

    sha256: str
    genuine: bool
    known: bool
    intact: bool
    signed_by: str = ""
    signed_at: datetime | None = None
    development: bool = False
    timestamped: bool = False
    title: str = ""
    sentences: tuple[str, ...] = ()
    issued: Document | None = None
    altered: tuple[str, ...] = ()


def verify(pdf: bytes) -> Verification:
    """Check a file of any content; a file that cannot be read is not genuine, never an error."""
    sha256 = sha256_of(pdf)
    document = Document.objects.filter(sha256=sha256).first()
    issued = document or differences.claimed(pdf)
    signature = _signature(pdf)
    key = SigningKey.objects.filter(fingerprint=signature.signer_cert.sha256.hex()).first() if signature else None
    if signature is None or key is None:
        return _not_signed_by_us(pdf, sha256, signature, issued)
    intact = _unbroken(signature, key)
    altered = () if intact or issued is None else differences.places(issued, pdf)
    return Verification(
        sha256=sha256,
        genuine=intact and document is not None,
        known=document is not None,
        intact=intact,
        signed_by=key.subject,
        signed_at=signature.self_reported_timestamp,
        development=key.development,
        timestamped=_timestamped(signature),
        title=document.title if document else "",
        sentences=tuple(_sentences(signature, key, intact, document, altered)),
        issued=issued,
        altered=altered,
    )


def _not_signed_by_us(
    pdf: bytes, sha256: str, signature: EmbeddedPdfSignature | None, issued: Document | None
) -> Verification:
    told = ["This file carries no signature of ours."]
    if signature is not None:
        told = [f"It is signed by {signature.signer_cert.subject.human_friendly}, which is no key of this authority."]
    altered = differences.places(issued, pdf) if issued else ()
    if issued:
        told += [f"It says that it is {issued.title}, but it is not what was issued.", *altered]
    return Verification(
        sha256, genuine=False, known=False, intact=False, sentences=tuple(told), issued=issued, altered=altered
    )


def _signature(pdf: bytes) -> EmbeddedPdfSignature | None:
    try:
        signatures = list(PdfFileReader(io.BytesIO(pdf), strict=False).embedded_signatures)
        ours = [signature for signature in signatures if signature.field_name == FIELD]
        return ours[0] if len(ours) == 1 and ours[0].signer_cert is not None else None
    except (
        PdfError,
        SignatureValidationError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
        OSError,
    ):
        return None  # whatever a broken or hostile file brings about, it is not one of ours


def _timestamped(signature: EmbeddedPdfSignature) -> bool:
    """Whether the signature carries the time of a time-stamping authority."""
    attributes = signature.signer_info["unsigned_attrs"]
    return any(each["type"].native == "signature_time_stamp_token" for each in attributes)


def _unbroken(signature: EmbeddedPdfSignature, key: SigningKey) -> bool:
    _, _, der = pem.unarmor(key.certificate.encode())
    trusted = ValidationContext(trust_roots=[x509.Certificate.load(der)], allow_fetching=False)
    try:
        status: PdfSignatureStatus = validate_pdf_signature(signature, signer_validation_context=trusted)
    except (SignatureValidationError, PdfError, ValueError):
        return False
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return bool(status.intact and status.valid and whole and status.docmdp_ok)


def _sentences(
    signature: EmbeddedPdfSignature, key: SigningKey, intact: bool, document: Document | None, altered: tuple[str, ...]
) -> list[str]:
    if not intact:
        return ["The file was changed after it was signed.", *altered]
    at = signature.self_reported_timestamp
    told = [f"Signed by {key.subject}{f' on {at:%B} {at.day}, {at.year}' if at else ''}; not a byte was changed since."]
    told.append(
        f"The register holds exactly this file: {document.title}."
        if document
        else "The register does not hold this file."
    )
    if key.development:
        told.append("The key is a development key: the document authorizes nothing.")
    return told
