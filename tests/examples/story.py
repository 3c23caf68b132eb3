"""The main job, command by command: from a model to a filed application, for tests that need a case. All names are fictional."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from licensing import seeding
from licensing.accounts.models import Organization, Person
from licensing.cases.commands import deciding, drafting, filing, reviewing
from licensing.cases.models import Application, Case
from licensing.catalog.commands import register_model, register_version
from licensing.catalog.models import ModelVersion
from licensing.parties.commands import register_party, register_site
from licensing.screening.commands import decide_hit
from licensing.screening.queries import open_hits
from workflows import outbox

THERE_ALREADY = {"django_content_type", "auth_permission", "django_migrations"}  # migrations fill them
OPERATIONS = "2.1e26"
MANIFEST = "9b1f0c2d4e5a68798a9babcdef0123456789abcdef0123456789abcdef012345"
ANSWERS: dict[str, Any] = {
    "transaction_kind": "export",
    "delivery_modes": ["weights_transfer", "hosting_abroad"],
    "destination": "NO",
    "requested_months": 24,
    "end_use_statement": "Summaries of patient records and letters to patients, written for and checked by the hospital's own physicians.",
    "sector": "health_care",
    "decides_about_people": True,
    "human_oversight": "A physician reads and signs every letter; the model decides nothing about a patient.",
    "military_end_use": False,
    "wmd_end_use": False,
    "human_rights_concern": False,
    "nuclear_relevant": False,
    "contact_name": "Noa Feld",
    "contact_email": "noa.feld@entente.example",
}


def person(login: str) -> Person:
    """Somebody of the seed, fresh from the database."""
    return Person.objects.get(email=f"{login}@entente.example")


@dataclass
class Story:
    """Somebody's transaction, as far as a test has taken it."""

    organization: Organization = field(default_factory=lambda: Organization.objects.get(key="meridian"))
    preparer: Person = field(default_factory=lambda: person("noa.feld"))
    official: Person = field(default_factory=lambda: person("ada.lindqvist"))
    version_name: str = "3.1"

    def version(self, operations: str = OPERATIONS, weights: str = "closed") -> ModelVersion:
        model = self.organization.models.filter(name="Meridian Large").first() or register_model(
            actor=self.preparer, organization_id=self.organization.pk, name="Meridian Large"
        )
        return register_version(
            actor=self.preparer, model_id=model.pk, name=self.version_name, weights=weights, model_hash=MANIFEST, security_level=3,
            total_parameters=1_200_000_000_000, active_parameters=96_000_000_000, modalities=["text"],
            training=[{"stage": "pretraining", "operations": operations, "method": "architecture", "evidence": "6 N D"}],
        )  # fmt: skip

    def draft(self, **answers: Any) -> Application:
        """A complete draft: Norwegian hospital, hosting in Oslo, a near miss on the synthetic list."""
        who = {"actor": self.preparer, "organization_id": self.organization.pk}
        application = drafting.start_application(**who, name="Fjordhelse 2026")
        drafting.edit_application(actor=self.preparer, application_id=application.pk, **{**ANSWERS, **answers})
        company = {
            **who,
            "kind": "company",
            "country": "NO",
            "headquarters": "NO",
            "independent": True,
            "address": "Havnegata 14",
            "city": "Oslo",
        }
        hospital = register_party(**company, name="Fjordhelse Sykehus HF", registration_number="999 000 111")
        host = register_party(**company, name="Nordlys Compute AS", registration_number="999 000 222")
        for role, party in (("ultimate_consignee", host), ("end_user", hospital), ("intermediate_consignee", host)):
            drafting.add_party(actor=self.preparer, application_id=application.pk, role=role, party_id=party.pk)
        site = register_site(
            **who, name="Oslo North 2", country="NO", address="Nittedal", operator="Nordlys Compute AS", headquarters_country="NO",
            ultimate_parent_country="NO", key_custody="exporter", security_level=3,
        )  # fmt: skip
        drafting.add_site(actor=self.preparer, application_id=application.pk, site_id=site.pk)
        drafting.add_item(
            actor=self.preparer, application_id=application.pk, model_version_id=self.version().pk,
            technical_description="Weights for inference on the hospital's documents", fine_tuning=False, sublicensing=False,
        )  # fmt: skip
        return application

    def attach(self, application: Application) -> None:
        letter = SimpleUploadedFile("letter.txt", b"We, the hospital, will use the model as described.", "text/plain")
        drafting.attach(
            actor=self.preparer,
            application_id=application.pk,
            kind="end_user_statement",
            title="Statement",
            uploaded=letter,
        )

    def file(self, application: Application | None = None) -> Case:
        application = application or self.draft()
        filing.certify(
            actor=self.official, application_id=application.pk, title="Director of Trade Compliance", agreed=True
        )
        return filing.file_application(actor=self.preparer, application_id=application.pk)

    def checked(self, case: Case | None = None, officer: str = "omar.haddad") -> Case:
        """A case whose automated checks have run and whose near miss is decided."""
        case = case or self.file()
        work_off()
        for hit in open_hits("case", str(case.pk)):
            decide_hit(
                actor=person(officer), hit_id=hit.pk, status="false_match", reason="different_country",
                sentence="A Norwegian company; the listed one is Russian.",
            )  # fmt: skip
        return Case.objects.get(pk=case.pk)

    def reviewed(self, case: Case | None = None) -> Case:
        """A case that the agencies have approved, with a condition."""
        case = case or self.checked()
        refer = deciding.Proposal(action="refer", reason="The agencies have to see this.")
        deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=refer)
        conditions = [{"key": "condition:no-onward-transfer"}]
        for login, seat in (
            ("dana.whitlock", "defense"),
            ("samir.patel", "state"),
            ("sven.adler", "safety"),
            ("omar.haddad", "commerce"),
        ):
            vote = (
                {"vote": "approve_with_conditions", "conditions": conditions}
                if seat == "defense"
                else {"vote": "approve"}
            )
            reviewing.recommend(actor=person(login), case_id=case.pk, seat=seat, **vote)
        return Case.objects.get(pk=case.pk)

    def decided(self, case: Case | None = None, conditions: Sequence[dict[str, Any]] = (), **more: Any) -> Case:
        """A case with a countersigned decision to issue, for 24 months; issuance is owed."""
        case = case or self.reviewed()
        said = {"valid_months": 24, "conditions": conditions, **more}
        proposal = deciding.Proposal(action="issue", reason="All agencies recommend approval.", **said)
        deciding.decide_case(actor=person("grace.whitfield"), case_id=case.pk, seat="officer", proposal=proposal)
        deciding.countersign(actor=person("ruth.calloway"), case_id=case.pk, seat="countersign")
        return Case.objects.get(pk=case.pk)


def work_off(*, whole: bool = False) -> None:
    """Do the work that is owed, in this process, as a worker would. Applications are drawn as PDFs, which few look at, for the `whole`."""
    while rows := [row_id for row_id, effect in outbox.due() if whole or effect != "render_application"]:
        for row_id in rows:
            outbox.work(row_id)


def seed() -> None:
    """The seed of the product, in an empty database. The first time in a process it is really loaded; later its rows are copied."""
    if _rows:
        _copy_back()
    else:
        seeding.load()
        work_off()
        _copy()


_rows: dict[str, list[bytes]] = {}  # COPY's own form, by table


def forget() -> None:
    """Load the seed really, once more: another database has given out no number yet."""
    _rows.clear()


def _copy() -> None:
    with connection.cursor() as cursor:
        for model in apps.get_models():
            with cursor.copy(f'COPY "{model._meta.db_table}" TO STDOUT') as rows:
                _rows[model._meta.db_table] = [bytes(row) for row in rows]


def _copy_back() -> None:
    """Foreign keys are checked when the transaction ends; numbers that are given out never come back, so no sequence is behind."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in _rows.items():
            if rows and table not in THERE_ALREADY:
                with cursor.copy(f'COPY "{table}" FROM STDIN') as into:
                    for row in rows:
                        into.write(row)
