"""Example documents: the smallest valid ones, and ones that strain every part of the page. All names are fictional."""

from dataclasses import replace
from datetime import UTC, date, datetime

from licensing.documents.context import (
    AnswerBlock,
    AnswerGroup,
    ApplicationDocument,
    AttachmentBlock,
    AuthorityBlock,
    CertificationBlock,
    ItemBlock,
    LicenseDocument,
    PartyBlock,
    SiteBlock,
    TextBlock,
)

AUTHORITY = AuthorityBlock(
    name="Bureau of Model Exports",
    parent="Department of Trade and Technology",
    mark="BME",
    jurisdiction="US",
    lines=("400 Meridian Avenue, Washington, DC 20001", "licensing.example"),
)
LICENSEE = PartyBlock(
    role="Licensee",
    name="Halcyon Models, Inc.",
    address=("1200 Harbor Street", "San Francisco, CA 94107"),
    country="United States",
    registration="EIN 94-0000001",
)
END_USER = PartyBlock(
    role="End user",
    name="Fjordhelse Sykehus AS",
    address=("Havnegata 14", "0150 Oslo"),
    country="Norway",
    registration="Org. no. 999 000 111",
    notes=("Headquarters: Norway",),
)
ITEM = ItemBlock(
    number=1,
    model="Halcyon Meridian",
    version="3.1 (instruct)",
    control_entry="4E091",
    weights="Closed",
    training_operations="2.1 × 10²⁶ operations, from the architecture, within 10 percent",
    quantity="1 copy of the weights",
    parameters="1.2 trillion parameters, 96 billion active",
    modalities="Text and images in, text out",
    security_level="Security level 4",
    model_hash="9b1f0c2d4e5a68798a9babcdef0123456789abcdef0123456789abcdef012345",
)
SITE = SiteBlock(
    name="Oslo North 2",
    location="Nittedal, Norway",
    operator="Nordlys Drift AS",
    headquarters="Norway",
    ultimate_parent="Nordlys Holding ASA, Norway",
    key_custody="Held by the licensee, in the United States",
    security_level="Security level 4",
)
CONDITION = TextBlock(
    title="No onward transfer",
    body="The weights, and any model derived from them, stay at the hosting sites named in this license. They are not copied, released or made "
    "available to any other person or place without a further license.",
    source="condition:no-onward-transfer, version 2",
    applies_to="items 1; ultimate consignee and end user",
)
RIDER = TextBlock(
    title="Reports of incidents",
    body="A theft or release of weights that becomes known is best told to the Bureau by telephone first; the form follows.",
    source="rider:incident-reports, version 1",
)
URL = "https://licensing.example/verify/AIX-US-E-2026-0000001-A-7"


def license_document(**changes: object) -> LicenseDocument:
    """A license of two pages, as most will be."""
    example = LicenseDocument(
        authority=AUTHORITY,
        number="AIX-US-E-2026-0000001-A-7",
        revision="A",
        control_number="Z100001",
        reference="HM-2026-044",
        licensee=LICENSEE,
        parties=(
            replace(END_USER, role="Purchaser"),
            PartyBlock(
                role="Ultimate consignee",
                name="Nordlys Drift AS",
                address=("Industriveien 3", "1481 Hagan"),
                country="Norway",
            ),
            END_USER,
        ),
        issued_on=date(2026, 11, 23),
        valid_from=datetime(2026, 11, 23, 14, 30, tzinfo=UTC),
        valid_until=datetime(2030, 11, 22, 14, 30, tzinfo=UTC),
        transaction_kind="Export",
        delivery_modes=("Hosting abroad", "Transfer of weights"),
        destinations=("Norway",),
        items=(ITEM,),
        sites=(SITE,),
        end_use="Summaries of patient records and letters to patients, written for and checked by the hospital's own physicians. No decision "
        "about a patient is taken by the model.",
        sector="Health care",
        conditions=(CONDITION, replace(CONDITION, title="Custody of keys", source="condition:key-custody, version 1")),
        riders=(RIDER,),
        determination="A license was required by rule us-4e091-weights of policy version 3, in force on November 20, 2026.",
        legal_basis="15 CFR 742.6(a)(13) and 750.7",
        verification_url=URL,
        signed_for="the Bureau of Model Exports",
    )
    return replace(example, **changes)  # type: ignore[arg-type]


LONG_NAME = (
    "Gesellschaft für angewandte Sprachmodelltechnologie und Rechenzentrumsbetrieb in Mitteleuropa mbH & Co. "
    "Kommanditgesellschaft auf Aktien (Zweigniederlassung Süd)"
)


def straining_license() -> LicenseDocument:
    """Long names, other scripts, three items, six parties, four sites, twelve conditions."""
    parties = (
        PartyBlock(
            role="Purchaser", name=LONG_NAME, address=("Am Alten Güterbahnhof 117a", "80339 München"), country="Germany"
        ),
        PartyBlock(
            role="Intermediate consignee",
            name="株式会社 未来言語研究所 (Mirai Language Research)",
            address=("東京都千代田区丸の内一丁目",),
            country="Japan",
        ),
        PartyBlock(
            role="Ultimate consignee",
            name="شركة النماذج اللغوية المتقدمة",
            address=("شارع الميناء ١٢", "Abu Dhabi"),
            country="United Arab Emirates",
        ),
        PartyBlock(
            role="End user",
            name="ООО «Северная лаборатория»",
            address=("ул. Садовая, 5",),
            country="Kazakhstan",
            notes=("Headquarters: Kazakhstan",),
        ),
        PartyBlock(
            role="End user", name="Ινστιτούτο Γλωσσικής Τεχνολογίας", address=("Αθήνα 105 57",), country="Greece"
        ),
        PartyBlock(
            role="Foreign person",
            name="สมชาย ใจดี · דוד לוי · अनिता शर्मा · საქართველო",
            country="Thailand",
            notes=("Citizenships: Thailand, Israel", "Permanent residence: Singapore"),
        ),
    )
    items = tuple(
        replace(
            ITEM,
            number=number,
            model="Halcyon Meridian with an unusually long product name for hospital documentation",
            description="Fine-tuned on de-identified discharge letters; quantized to 8 bits for inference on the appliance.",
            derivation="Fine-tuned from Halcyon Meridian 3.0" if number > 1 else "",
        )
        for number in (1, 2, 3)
    )
    conditions = tuple(
        replace(
            CONDITION,
            title=f"{CONDITION.title} ({number})",
            body=CONDITION.body + (" " + CONDITION.body) * (number % 3),
        )
        for number in range(1, 13)
    )
    return license_document(
        parties=parties,
        items=items,
        sites=(SITE, replace(SITE, name="Wien Datenpark Süd-Südost Halle 14", operator=LONG_NAME)) * 2,
        conditions=conditions,
        riders=(RIDER, RIDER),
        licensee=replace(LICENSEE, name=LONG_NAME),
        destinations=("Germany", "Japan", "United Arab Emirates", "Kazakhstan", "Greece", "Thailand"),
        end_use=license_document().end_use * 4,
    )


def application_document(**changes: object) -> ApplicationDocument:
    licensed = license_document()
    example = ApplicationDocument(
        authority=AUTHORITY,
        reference="HM-2026-044",
        control_number="Z100001",
        filed_at=datetime(2026, 11, 3, 14, 5, tzinfo=UTC),
        application_kind="Export",
        applicant=LICENSEE,
        contact=("Ada Example, export control officer", "ada@halcyon.example", "+1 415 555 0100"),
        parties=licensed.parties,
        transaction_kind=licensed.transaction_kind,
        delivery_modes=licensed.delivery_modes,
        destinations=licensed.destinations,
        items=licensed.items,
        sites=licensed.sites,
        end_use=licensed.end_use,
        sector=licensed.sector,
        answers=(
            AnswerGroup(
                title="End use and safeguards",
                answers=(
                    AnswerBlock(question="Will the model be used for a military end use?", answer="No"),
                    AnswerBlock(
                        question="Who reviews the model's output?",
                        answer="A physician of the hospital reads and signs every letter.",
                    ),
                ),
            ),
            AnswerGroup(
                title="Processing",
                answers=(AnswerBlock(question="All items or none?", answer="Each item may be decided by itself"),),
            ),
        ),
        attachments=(
            AttachmentBlock(
                filename="letter of explanation.pdf",
                kind="Letter of explanation",
                media_type="PDF",
                size="214 kB",
                sha256="5f" * 32,
            ),
            AttachmentBlock(
                filename="evaluation-report.pdf",
                kind="Safety evaluation",
                media_type="PDF",
                size="1.9 MB",
                sha256="0c" * 32,
            ),
        ),
        certification=CertificationBlock(
            official="Ada Example",
            title="Vice president, trade compliance",
            organization="Halcyon Models, Inc.",
            certified_at=datetime(2026, 11, 3, 14, 3, 20, tzinfo=UTC),
            text_title="Certification of the applicant",
            text_version="3",
            body="I am authorized to sign for the applicant. What this application says is true and complete to the best of my knowledge, and I "
            "will report every material change while it is pending and while a license based on it is in force.",
            application_sha256="ab" * 32,
            prepared_by="Noa Example",
        ),
    )
    return replace(example, **changes)  # type: ignore[arg-type]
