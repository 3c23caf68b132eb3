"""The story, step by step. Every step is done by somebody who has signed in, on the page where they would do it."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from licensing.demo import cast
from licensing.demo.visitor import Page, StoryBroken, Visitor

PATIENCE = 60.0
Say = Callable[[str], None]


@dataclass
class Story:
    """What the story needs: the site, passwords by address, where files go, and how to tell what happens."""

    site: str
    passwords: dict[str, str]
    folder: Path
    mail: Path
    say: Say
    check: Callable[[], None]
    visitors: dict[str, Visitor] = field(default_factory=dict)
    control_number: str = ""
    license_number: str = ""

    def tell(self) -> None:
        """The whole story. Raises StoryBroken at the first page that does not do its part."""
        for number, (title, step) in enumerate(self.steps()):
            began = time.monotonic()
            self.say(f"\n{number}. {title}")
            step()
            self.say(f"   ({time.monotonic() - began:.1f} s)")

    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("A country list changes, by two people, and with it the answer", self.a_list_changes),
            ("A company prepares, certifies and files an application", self.an_application_is_filed),
            ("Celery checks it; a near miss waits for a person", self.the_checks_run),
            ("The agencies review it; a question stops the clock", self.the_agencies_review),
            ("Decision and countersignature, by two people", self.the_decision),
            ("Issuance", self.issuance),
            ("Verification", self.verification),
        ]

    def as_(self, login: str) -> Visitor:
        """The person, signed in."""
        if login not in self.visitors:
            email = f"{login}@entente.example"
            self.visitors[login] = Visitor(self.site, login).sign_in(email, self.passwords[email])
        return self.visitors[login]

    def done(self, sentence: str) -> None:
        self.say(f"   ✓ {sentence}")

    def wait_for(self, what: str, ready: Callable[[], Any]) -> Any:
        """Ask again until there is an answer, or a part of the site has ended, or patience has."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.check()
            found = ready()
            if found:
                return found
            time.sleep(0.3)
        raise StoryBroken(f"{what}: not within {PATIENCE:.0f} s")

    # 0
    def a_list_changes(self) -> None:
        token = self._token()
        draft = self._api_draft(token)
        before = self._determination(token, draft)
        self.done(f"Tomas drafts through the API, for Ireland: {_answer(before)}")
        amara, henrik = self.as_("amara.okafor"), self.as_("henrik.dahl")
        amara.get("/administration/publications/country_list/AUTHORITY_WATCH/draft/")
        amara.send({"note": "The authority looks at resale through Dublin more closely."})
        amara.send({"code": cast.API_COUNTRY, "note": "Resale"}).must_say("Ireland (IE) is added")
        page = amara.press("/propose/").must_say("Another administrator has to publish it")
        refused = amara.send({}, form=_publish_form(page))
        if refused.status != 403:
            raise StoryBroken(f"Amara may publish her own proposal: {refused.status}")
        self.done(f"Amara proposes; publishing it herself is refused: “{_sentence(refused)}”")
        henrik.get(page.path)
        henrik.press("/publish/").must_say("Version 2 is in force")
        after = self._determination(token, draft)
        self.done(f"Henrik publishes; the same draft now: {_answer(after)}")
        if _cited(before) == _cited(after) or before["review_policy"] == after["review_policy"]:
            raise StoryBroken("the determination did not follow the list")
        self._api_file(token, draft)

    def _token(self) -> str:
        tomas = self.as_("tomas.reyes")
        tomas.get("/account/tokens/")
        page = tomas.send({"label": "filing script"})
        start = page.text.index("ent_")
        return page.text[start:].split()[0]

    def api(self, token: str, method: str, path: str, data: Any = None) -> Any:
        """One call of the API. Raises StoryBroken with its problem details."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps(data).encode() if data is not None else None
        request = urllib.request.Request(f"{self.site}/api/v1/{path}", data=body, headers=headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own site
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise StoryBroken(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from None
        return json.loads(content) if content else None

    def _api_draft(self, token: str) -> str:
        model = self.api(token, "POST", "models/", {"name": "Lumen Translate"})
        version = self.api(token, "POST", f"models/{model['id']}/versions/", cast.API_VERSION)
        party = self.api(token, "POST", "parties/", cast.API_PARTY)
        whole = {
            **cast.API_APPLICATION,
            "parties": [{"role": role, "party": party["id"]} for role in ("ultimate_consignee", "end_user")],
            "items": [
                {
                    "model_version": version["id"],
                    "technical_description": "Access through an interface",
                    "fine_tuning": False,
                    "sublicensing": False,
                }
            ],
        }
        application = self.api(token, "POST", "applications/", whole)
        if application["missing"]:
            raise StoryBroken(f"the API's application is not complete: {application['missing']}")
        return str(application["id"])

    def _determination(self, token: str, draft: str) -> dict[str, Any]:
        determination: dict[str, Any] = self.api(token, "GET", f"applications/{draft}/")["determination"]
        return determination

    def _api_file(self, token: str, draft: str) -> None:
        self.api(token, "POST", f"applications/{draft}/certify/", {"title": "Counsel", "agreed": True})
        case = self.api(token, "POST", f"applications/{draft}/file/")
        self.done(f"Tomas files it through the API: {case['control_number']}")

    # 1
    def an_application_is_filed(self) -> None:
        noa = self.as_("noa.feld")
        noa.get("/applicant/")
        noa.follow("Start an application")
        noa.send({"name": "Fjordhelse, patient letters"})
        tasks = self._now(noa).path
        self._library(noa, tasks)
        self._wrong_answers(noa, tasks)
        self._answers(noa, tasks)
        page = noa.get(f"{tasks}check/").must_say("control-4E091", "Required")
        self.done("All answers are in; the rules say a license is required (control-4E091)")
        ada = self.as_("ada.lindqvist")
        ada.get(f"{tasks}certify/")
        ada.send({"title": "Director of Trade Compliance", "agreed": "on"}).must_say("certified")
        self.done("Ada, who may, certifies the text and its SHA-256")
        noa.get(page.path)
        filed = noa.press("/file/").must_say("application control number")
        self.control_number = filed.path.rstrip("/").rpartition("/")[2]
        self.done(f"Noa files it: {self.control_number}")

    def _library(self, noa: Visitor, tasks: str) -> None:
        noa.get(f"/applicant/models/new/?next={tasks}items/")
        noa.send({"name": cast.MODEL})
        noa.send(cast.VERSION)
        for what, answers in (("parties", cast.HOSPITAL), ("parties", cast.HOST), ("sites", cast.SITE)):
            noa.get(f"/applicant/{what}/new/?next={tasks}{what}/")
            noa.send(answers).must_say("is registered")
        self.done("Noa registers a model (closed weights, 2.1e26 operations), two parties and a site")

    def _wrong_answers(self, noa: Visitor, tasks: str) -> None:
        noa.get(f"{tasks}transaction/")
        wrong = noa.send({**cast.TRANSACTION, "requested_months": "500"})
        if not wrong.errors:
            raise StoryBroken("500 months were accepted")
        self.done(f"A wrong answer, 500 months: “{wrong.errors[0].removeprefix('Error: ')}”")
        gaps = noa.get(f"{tasks}check/").must_say("This is still missing", "Name the end user", "Choose the sector")
        missing = [words for _, words in gaps.links if words.endswith(".")]
        self.done(f"Missing answers, all at once ({len(missing)}): “{missing[0]}” …")

    def _answers(self, noa: Visitor, tasks: str) -> None:
        for topic, answers in (("transaction", cast.TRANSACTION), ("end-use", cast.END_USE), ("contact", cast.CONTACT)):
            noa.get(f"{tasks}{topic}/")
            noa.send(answers)
        page = noa.get(f"{tasks}items/")
        description = "Weights for inference on the hospital's documents, and their hosting in Oslo"
        noa.send(
            {
                "model_version": _offered(page, "model_version")[-1],
                "technical_description": description,
                "fine_tuning": "False",
                "sublicensing": "False",
            }
        )
        hospital, host = _offered(noa.get(f"{tasks}parties/"), "party")[-2:]
        for role, party in (("intermediate_consignee", host), ("ultimate_consignee", host), ("end_user", hospital)):
            noa.get(f"{tasks}parties/")
            noa.send({"role": role, "party": party})
        page = noa.get(f"{tasks}sites/")
        noa.send({"site": _offered(page, "site")[-1]})
        noa.get(f"{tasks}documents/")
        statement = b"We use the model for summaries and letters only. Oslo University Trust, end user."
        noa.send(
            {"kind": "end_user_statement", "title": "Statement of the end user"},
            files={"file": ("statement.txt", statement)},
        )

    @staticmethod
    def _now(visitor: Visitor) -> Page:
        if visitor.page is None:
            raise StoryBroken("no page is open")
        return visitor.page

    def case_page(self, login: str) -> Page:
        return self.as_(login).get(f"/review/cases/{self.control_number}/")

    # 2
    def the_checks_run(self) -> None:
        page = self.wait_for("the automated checks", lambda: self._in_stage("omar.haddad", "intake"))
        page.must_say("control-4E091", "Nordlys Computing AS", "Undecided")
        self.done("Completeness, classification, determination, lists and screening are done")
        omar = self.as_("omar.haddad")
        hits = [address for address, words in page.links if words == "Nordlys Computing AS"]
        sentence = "A Norwegian host, registered in Norway; the listed company sits in Murmansk and is another one."
        decided = {"status": "false_match", "reason": "different_country", "sentence": sentence}
        for address in hits:
            omar.get(address).must_say("Side by side", "Nordlys Compute AS")
            omar.send(decided).must_say("False match")
        self.done(f"A near miss for the host, named {len(hits)} times: Omar marks it false, with a reason")

    def _in_stage(self, login: str, stage: str) -> Page | None:
        page = self.case_page(login)
        return page if f"stage: {stage}" in page.text.lower() else None

    def act(self, login: str, seat: str, deed: str, answers: dict[str, Any]) -> Page:
        """Do something for a seat, as the case page offers it."""
        visitor = self.as_(login)
        self.case_page(login)
        visitor.get(f"/review/cases/{self.control_number}/seats/{seat}/{deed}/")
        return visitor.send(answers)

    # 3
    def the_agencies_review(self) -> None:
        self._decide("omar.haddad", "refer", "Closed weights above the threshold go to the agencies.")
        self.done("Omar refers it to the agencies")
        conditions = ["condition:no-onward-transfer", "condition:key-custody"]
        self.act(
            "dana.whitlock",
            "defense",
            "recommend",
            {"vote": "approve_with_conditions", "conditions": conditions, "note": "Custody matters here."},
        )
        self.act("samir.patel", "state", "recommend", {"vote": "approve"})
        self.done("Defense approves with two conditions, State approves; Energy has no seat, for its fact is false")
        self.act("sven.adler", "safety", "ask", {"question": cast.QUESTION})
        self.case_page("sven.adler").must_say("Standing still")
        self.done("The safety institute asks a question: the clock stands still")
        self._answer()
        self.case_page("sven.adler").must_say("Running")
        self.done("The applicant answers: the clock runs again")
        self.act("sven.adler", "safety", "recommend", {"vote": "approve"})
        self.act("omar.haddad", "commerce", "recommend", {"vote": "approve"})
        if not self._in_stage("grace.whitfield", "decision"):
            raise StoryBroken("the case is not before the officer")
        self.done("The safety institute and Commerce approve")

    def _answer(self) -> None:
        noa = self.as_("noa.feld")
        page = noa.get(f"/applicant/cases/{self.control_number}/").must_say("the clock is stopped")
        for name in ("Adler", "safety institute", "Whitlock", "approve_with_conditions"):
            if name in page.text:
                raise StoryBroken(f"the applicant's page names {name}")
        noa.follow("Answer")
        noa.send({"answer": cast.ANSWER})

    def _decide(self, login: str, action: str, reason: str, **more: Any) -> Page:
        confirm = self.act(login, "officer", "decide", {"action": action, "reason": reason, **more})
        confirm.must_say("Confirm your decision")
        return self.as_(login).send({"confirmed": "1"}).must_say("Your decision is recorded")

    # 4
    def the_decision(self) -> None:
        reason = (
            "All agencies recommend approval; the conditions answer the risk of onward transfer (15 CFR 742.6(b)(14))."
        )
        self._decide(
            "grace.whitfield", "issue", reason, valid_months="24", riders=["rider:incident-reports", "rider:records"]
        )
        self.done("Grace decides to issue, for 24 months")
        refused = self.act("grace.whitfield", "countersign", "countersign", {"verdict": "agree"})
        if refused.status != 403:
            raise StoryBroken(f"Grace may countersign her own decision: {refused.status} {refused.text[:600]}")
        self.done(f"Grace, who is also a lead, tries to countersign: “{_sentence(refused)}” (logged)")
        self.act("ruth.calloway", "countersign", "countersign", {"verdict": "agree"}).must_say("Recorded")
        self.done("Ruth countersigns exactly what Grace signed")

    # 5
    def issuance(self) -> None:
        noa = self.as_("noa.feld")

        def issued() -> str:
            page = noa.get(f"/applicant/cases/{self.control_number}/")
            return page.link("Read and download") if "Read and download" in page.text else ""

        path = self.wait_for("issuance", issued)
        self.license_number = path.rstrip("/").rpartition("/")[2]
        noa.get(path).must_say("No onward transfer", "Custody of keys")
        pdf = noa.get(f"{path}document/")
        (self.folder / "license.pdf").write_bytes(pdf.body)
        omar = self.as_("omar.haddad")
        self.wait_for("the application's record", lambda: "(PDF)" in self.case_page("omar.haddad").text)
        (self.folder / "application.pdf").write_bytes(omar.follow("(PDF)").body)
        self.done(f"License {self.license_number}: {len(pdf.body):,} bytes, signed, stored, downloaded by Noa")
        mail = self.wait_for("the e-mail", lambda: [m for m in self._mails() if self.license_number in m])
        self.done(
            f"Noa is told by e-mail: “{next(line for line in mail[0].splitlines() if line.startswith('Subject:'))[9:]}”"
        )

    def _mails(self) -> Iterator[str]:
        for path in sorted(self.mail.glob("*.log")):
            yield path.read_text(encoding="utf-8", errors="replace")

    # 6
    def verification(self) -> None:
        anybody = Visitor(self.site)
        anybody.get("/verify/")
        content = (self.folder / "license.pdf").read_bytes()
        anybody.send({}, files={"file": ("license.pdf", content)}).must_say(
            "The file is genuine", self.license_number, "Valid"
        )
        self.done("The public page: the signature is ours, not a byte was changed, the register holds it, it is valid")
        forged = content.replace(b"/Title", b"/Titel", 1) if b"/Title" in content else content[:-1] + b" "
        anybody.get("/verify/")
        anybody.send({}, files={"file": ("forged.pdf", forged)}).must_say("Do not rely on this file")
        self.done("The same file with one byte changed: “Do not rely on this file”")
        page = anybody.get(f"/verify/{urllib.parse.quote(self.license_number)}/").must_say("This license is in force")
        if "Fjordhelse" in page.text:
            raise StoryBroken("the public page names a party")
        self.done("By its number: in force; no party is named")


def _answer(determination: dict[str, Any]) -> str:
    rules = ", ".join(
        rule["id"] for rule in determination["rules"] if rule["table"] in ("requirement", "review_policy")
    )
    words = determination["review_policy"].replace("_", " ")
    return f"license {determination['requirement']}, {words} ({rules}; {_cited(determination)})"


def _cited(determination: dict[str, Any]) -> str:
    return ", ".join(
        f"{row['key']} {row['version']}" for row in determination["lists"] if row["key"] == "AUTHORITY_WATCH"
    )


def _offered(page: Page, name: str) -> list[str]:
    return [value for value in page.form(name).choices[name] if value]


def _sentence(page: Page) -> str:
    """What a refusal says: the paragraph after its heading."""
    return page.text.split("You may not do this", 2)[-1].strip().split(" Nothing was changed")[0].strip()


def _publish_form(page: Page) -> Any:
    """A form to publish what the page shows: its proposer's page does not offer the button, so take the address and the token."""
    form = page.form_to("/withdraw/")
    token = form.values["csrfmiddlewaretoken"]
    return type(form)(form.action.replace("/withdraw/", "/publish/"), "post", {"csrfmiddlewaretoken": token})
