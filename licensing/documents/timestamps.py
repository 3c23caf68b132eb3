"""What makes a signature last longer than its certificate (PAdES-B-LT): the time, from somebody else's clock, and inside the document
the certificates and revocation lists that it is checked with (ETSI EN 319 142-1).
"""

from dataclasses import dataclass
from typing import Any

from asn1crypto import pem, x509
from django.conf import settings
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext

# Before the signature, in what it covers: what is added to a document that allows no change would be a change.
TOGETHER = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)


@dataclass(frozen=True)
class LongTerm:
    """Where the time comes from, and what the signature's metadata ask for besides."""

    timestamper: HTTPTimeStamper
    metadata: dict[str, Any]


def long_term(certificates: list[x509.Certificate]) -> LongTerm | None:
    """For a signer with this chain, its own certificate first; None where no timestamp service is configured.

    Revocation lists and responses are fetched where the certificates say; one that names a place which does not answer stops the
    signature, and the document is tried again.
    """
    if not settings.TIMESTAMP_URL:
        return None
    ours = [each for each in certificates if each.self_issued] or certificates[-1:]
    theirs = _roots()
    context = ValidationContext(
        trust_roots=[*theirs, *ours] if theirs else None,
        extra_trust_roots=None if theirs else ours,
        other_certs=certificates,
        allow_fetching=True,
        revocation_mode="hard-fail",
    )
    metadata = {"embed_validation_info": True, "validation_context": context, "dss_settings": TOGETHER}
    return LongTerm(HTTPTimeStamper(settings.TIMESTAMP_URL), metadata)


def _roots() -> list[x509.Certificate]:
    """The roots of the timestamp service that the settings name; none: those that the machine trusts."""
    if settings.TIMESTAMP_ROOTS is None:
        return []
    found = pem.unarmor(settings.TIMESTAMP_ROOTS.read_bytes(), multiple=True)
    return [x509.Certificate.load(der) for _, _, der in found]
