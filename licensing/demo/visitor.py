"""Somebody at a browser without pictures: a session, the forms of a page with what is filled in, and what the page says."""

import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPResponse
from http.cookiejar import CookieJar

Value = str | Sequence[str]
SILENT = frozenset({"script", "style", "svg", "title"})
VOID = frozenset({"input", "br", "meta", "link", "img", "hr"})


class StoryBroken(AssertionError):
    """A page did not say or do what the story needs."""


@dataclass
class Form:
    """A form as the page gives it: every field with its present values."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.errors: list[str] = []
        self._silent = 0
        self._form: Form | None = None
        self._select = ""
        self._textarea: str | None = None
        self._link: str | None = None
        self._collected: list[str] = []
        self._error_depth = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag in SILENT:
            self._silent += 1
        if self._error_depth and tag not in VOID:
            self._error_depth += 1
        elif "govuk-error-message" in given.get("class", "").split():
            self._error_depth = 1
            self.errors.append("")
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._link, self._collected = given["href"], []
        elif self._form is not None:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form, name = self._form, given.get("name", "")
        if form is None:
            return
        if tag == "option":
            form.choices.setdefault(self._select, []).append(given.get("value", ""))
            if "selected" in given:
                form.values.setdefault(self._select, []).append(given.get("value", ""))
        elif not name:
            return
        elif tag == "select":
            self._select = name
            form.names.add(name)
        elif tag == "textarea":
            self._textarea, self._collected = name, []
            form.names.add(name)
        elif tag == "button":
            form.names.add(name)  # sent only when it is pressed
        elif tag == "input":
            form.names.add(name)
            if given.get("type") in ("radio", "checkbox"):
                form.choices.setdefault(name, []).append(given.get("value", "on"))
                if "checked" in given:
                    form.values.setdefault(name, []).append(given.get("value", "on"))
            elif given.get("type") != "file":
                form.values.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1
        if self._error_depth and tag not in VOID:
            self._error_depth -= 1
        if tag == "form":
            self._form = None
        elif tag == "select" and self._form is not None and self._form.choices.get(self._select):
            self._form.values.setdefault(self._select, self._form.choices[self._select][:1])
        elif tag == "textarea" and self._textarea is not None and self._form is not None:
            self._form.values[self._textarea] = ["".join(self._collected).lstrip("\r\n")]
            self._textarea = None
        elif tag == "a" and self._link is not None:
            self.links.append((self._link, " ".join("".join(self._collected).split())))
            self._link = None

    def handle_data(self, data: str) -> None:
        self._collected.append(data)
        if not self._silent:
            self.words.append(data)
        if self._error_depth:
            self.errors[-1] += data


@dataclass(frozen=True)
class Page:
    """What came back. `text` is what a person reads; `errors` the messages at its fields."""

    url: str
    status: int
    body: bytes
    text: str
    forms: list[Form]
    links: list[tuple[str, str]]
    errors: list[str]

    @property
    def path(self) -> str:
        return urllib.parse.urlsplit(self.url).path

    def form(self, *fields: str) -> Form:
        """The first form that has all these fields."""
        for form in self.forms:
            if set(fields) <= form.names | form.choices.keys():
                return form
        raise StoryBroken(f"{self.path} has no form with {', '.join(fields)}; it says: {self.text[:400]}")

    def form_to(self, ending: str) -> Form:
        """The first form whose address ends so."""
        for form in self.forms:
            if form.action.endswith(ending):
                return form
        raise StoryBroken(f"{self.path} has no form to {ending}; it says: {self.text[:400]}")

    def link(self, words: str) -> str:
        """Where the first link with these words leads."""
        for address, text in self.links:
            if words.lower() in text.lower():
                return address
        raise StoryBroken(f"{self.path} has no link {words!r}; it has {[text for _, text in self.links]}")

    def must_say(self, *sentences: str) -> "Page":
        for sentence in sentences:
            if sentence.lower() not in self.text.lower():
                raise StoryBroken(f"{self.path} ({self.status}) does not say {sentence!r}; it says: {self.text[:1500]}")
        return self


class Visitor:
    """One person's session on the site."""

    def __init__(self, site: str, name: str = "") -> None:
        self.site, self.name = site, name
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page: Page | None = None

    def sign_in(self, email: str, password: str) -> "Visitor":
        self.get("/account/sign-in/")
        landed = self.send({"login": email, "password": password})
        if landed.path.startswith("/account/sign-in"):
            raise StoryBroken(f"{email} cannot sign in: {landed.errors}")
        return self

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.site, path)))  # noqa: S310 - our own site

    def follow(self, words: str) -> Page:
        """Click the link with these words."""
        return self.get(self._now().link(words))

    def send(
        self,
        answers: Mapping[str, Value],
        *,
        form: Form | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Page:
        """Fill in a form of the page, by default the first one that has these fields, and send it."""
        page = self._now()
        chosen = form or page.form(*answers, *(files or ()))
        values = {
            **chosen.values,
            **{name: [value] if isinstance(value, str) else list(value) for name, value in answers.items()},
        }
        for name, given in answers.items():
            wanted = [given] if isinstance(given, str) else given
            offered = chosen.choices.get(name)
            if offered is not None and not set(wanted) <= set(offered):
                raise StoryBroken(f"{page.path} does not offer {given!r} for {name}, but {offered}")
        return self._submit(page, chosen, values, files)

    def press(self, ending: str) -> Page:
        """Press the button of the form whose address ends so."""
        page = self._now()
        form = page.form_to(ending)
        return self._submit(page, form, form.values, None)

    def _now(self) -> Page:
        if self.page is None:
            raise StoryBroken("no page is open")
        return self.page

    def _submit(
        self, page: Page, form: Form, values: Mapping[str, list[str]], files: Mapping[str, tuple[str, bytes]] | None
    ) -> Page:
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        pairs = [(name, value) for name, given in values.items() for value in given]
        if form.method == "get":
            return self._open(urllib.request.Request(f"{target}?{urllib.parse.urlencode(pairs)}"))  # noqa: S310
        kind, content = (
            _multipart(pairs, files)
            if files
            else ("application/x-www-form-urlencoded", urllib.parse.urlencode(pairs).encode())
        )
        headers = {"Content-Type": kind, "Referer": page.url}
        return self._open(urllib.request.Request(target, data=content, headers=headers))  # noqa: S310 - our own site

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            answer: HTTPResponse = self._opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error  # type: ignore[assignment]
        with answer:
            body, url, status = answer.read(), answer.geturl(), answer.status
        reader = _Reader()
        if "html" in answer.headers.get("Content-Type", ""):
            reader.feed(body.decode())
        text = " ".join(" ".join(reader.words).split())
        errors = [" ".join(error.split()) for error in reader.errors]
        self.page = Page(url, status, body, text, reader.forms, reader.links, errors)
        return self.page


def _multipart(pairs: list[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]) -> tuple[str, bytes]:
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in pairs
    ]
    for name, (filename, content) in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()
