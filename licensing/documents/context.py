"""What the templates of documents are given: plain values, fully worded, nothing left to look up.

`licenses` fills a `LicenseDocument`, `cases` an `ApplicationDocument`. Every field is shown as it stands (escaped);
codes are turned into words before they come here. Empty strings and tuples leave their line or section out.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class AuthorityBlock:
    """Who issues: `mark` is the short mark in the emblem (up to 5 letters), `lines` postal and web address."""

    name: str
    parent: str = ""
    mark: str = ""
    jurisdiction: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartyBlock:
    """A party in its role ("Ultimate consignee"). `notes` are further lines: headquarters, parent, citizenships."""

    role: str
    name: str
    address: tuple[str, ...] = ()
    country: str = ""
    registration: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StakeBlock:
    """That one party owns a share of another ("60 percent", "Not known"). `notes` are further lines on the owner."""

    owner: str
    owned: str
    share: str
    as_of: date
    country: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ItemBlock:
    """One item. `training_operations` is worded with its unit and method ("2.1 x 10^26 operations, from the architecture")."""

    number: int
    model: str
    version: str
    control_entry: str
    weights: str
    training_operations: str
    quantity: str
    description: str = ""
    parameters: str = ""
    modalities: str = ""
    derivation: str = ""
    security_level: str = ""
    model_hash: str = ""


@dataclass(frozen=True, kw_only=True)
class SiteBlock:
    name: str
    location: str
    operator: str
    headquarters: str
    key_custody: str
    ultimate_parent: str = ""
    security_level: str = ""


@dataclass(frozen=True, kw_only=True)
class TextBlock:
    """A condition or rider. `source` names the library text and its version; `applies_to` the items or parties it is limited to."""

    title: str
    body: str
    source: str = ""
    applies_to: str = ""


@dataclass(frozen=True, kw_only=True)
class LicenseDocument:
    """A license, for `documents/license.html`.

    `control_number` is the application control number; `revision` the revision letter; `replaces` the number of the license that this one
    replaces; `determination` says in one sentence which rule and policy version asked for a license; `legal_basis` cites the authority to
    issue; `signed_for` ends "Signed for ..."; `end_sentence` says why the end was moved. `verification_url` becomes the QR code.
    """

    authority: AuthorityBlock
    number: str
    revision: str
    control_number: str
    reference: str
    licensee: PartyBlock
    parties: tuple[PartyBlock, ...]
    issued_on: date
    valid_from: datetime
    valid_until: datetime
    transaction_kind: str
    delivery_modes: tuple[str, ...]
    destinations: tuple[str, ...]
    items: tuple[ItemBlock, ...]
    sites: tuple[SiteBlock, ...]
    end_use: str
    sector: str
    conditions: tuple[TextBlock, ...]
    riders: tuple[TextBlock, ...]
    determination: str
    legal_basis: str
    verification_url: str
    signed_for: str = ""
    replaces: str = ""
    end_sentence: str = ""
    language: str = "en-US"


@dataclass(frozen=True, kw_only=True)
class AnswerBlock:
    question: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class AnswerGroup:
    """One topic of the application with its questions and answers, in the order in which they were asked."""

    title: str
    answers: tuple[AnswerBlock, ...]


@dataclass(frozen=True, kw_only=True)
class AttachmentBlock:
    filename: str
    kind: str
    media_type: str
    size: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class CertificationBlock:
    """The certification (15 CFR 748.4(b), block 25): who certified which text, and the SHA-256 of what was certified."""

    official: str
    title: str
    organization: str
    certified_at: datetime
    text_title: str
    text_version: str
    body: str
    application_sha256: str
    prepared_by: str = ""


@dataclass(frozen=True, kw_only=True)
class ApplicationDocument:
    """An application as filed, for `documents/application.html`."""

    authority: AuthorityBlock
    reference: str
    control_number: str
    filed_at: datetime
    application_kind: str
    applicant: PartyBlock
    contact: tuple[str, ...]
    parties: tuple[PartyBlock, ...]
    transaction_kind: str
    delivery_modes: tuple[str, ...]
    destinations: tuple[str, ...]
    items: tuple[ItemBlock, ...]
    sites: tuple[SiteBlock, ...]
    end_use: str
    sector: str
    answers: tuple[AnswerGroup, ...]
    attachments: tuple[AttachmentBlock, ...]
    certification: CertificationBlock
    ownership: tuple[StakeBlock, ...] = ()
    verification_url: str = ""
    language: str = "en-US"


@dataclass(frozen=True, kw_only=True)
class LetterBlock:
    """A paragraph of a letter, or a heading."""

    text: str
    heading: bool = False


@dataclass(frozen=True, kw_only=True)
class LetterDocument:
    """A letter, for `documents/letter.html`. `addressee` is the name and the lines under it."""

    authority: AuthorityBlock
    title: str
    reference: str
    addressee: tuple[str, ...]
    written_on: date
    blocks: tuple[LetterBlock, ...]
    language: str = "en-US"
