"""Every setting that an operator may change, read from the environment, typed and checked once.

`read(os.environ)` gives an `Environment`, or raises `SettingsError` with one sentence for each setting that
is malformed or unknown: its name, its value (hidden when it is a secret) and the mend. Nothing else in the
code reads the environment. The table in `docs/operations.md` is compared with this file by a test.
"""

import dataclasses
import difflib
import ipaddress
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
PREFIX = "ENTENTE_"
LOG_LEVELS = ("debug", "info", "warning", "error")

Value = TypeVar("Value")


class SettingsError(Exception):
    """The environment cannot be used as it is; `problems` holds one sentence for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Malformed(ValueError):
    """A value that its setting cannot take; the message is the mend ("write true or false")."""


@dataclass(frozen=True)
class Database:
    """A PostgreSQL database to connect to; `options` are libpq's own (sslmode, application_name, ...)."""

    name: str
    user: str
    password: str
    host: str
    port: str
    options: dict[str, str]


@dataclass(frozen=True)
class Mail:
    """Where mail goes: `kind` is file, console or smtp; `security` is "", "starttls" or "tls"."""

    kind: str
    directory: Path | None = None
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    security: str = ""


def boolean(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise Malformed("write true or false")
    return words[text.lower()]


def clamd_address(text: str) -> str:
    place = urlsplit(text)
    if not (place.scheme == "tcp" and place.hostname) and not (place.scheme == "unix" and place.path.startswith("/")):
        raise Malformed("write tcp://host:3310 or unix:///path/of/socket")
    return text


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise Malformed("write a port number from 1 to 65535")
    return int(text)


def whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1000):
        raise Malformed("write a whole number from 1 to 1000")
    return int(text)


def address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise Malformed("write an IP address of this machine, for example 127.0.0.1 or 0.0.0.0") from None


def hosts(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names) or any("/" in name or " " in name for name in names):
        raise Malformed("write host names with commas between them, for example licensing.example,10.0.0.5")
    return names


def word_of(*words: str) -> Callable[[str], str]:
    """A parser that takes one of these words, in any case."""

    def parse(text: str) -> str:
        if text.lower() not in words:
            raise Malformed(f"write one of {', '.join(words)}")
        return text.lower()

    return parse


def secret_key(text: str) -> str:
    if len(text) < 32:
        raise Malformed("write at least 32 random characters, for example from `openssl rand -base64 48`")
    return text


def text_value(text: str) -> str:
    return text


def folder(text: str) -> Path:
    path = (BASE_DIR / Path(text).expanduser()).resolve()
    if path.exists() and not path.is_dir():
        raise Malformed("write the path of a folder; this is a file")
    return path


def readable_file(text: str) -> Path:
    path = (BASE_DIR / Path(text).expanduser()).resolve()
    if not path.is_file() or not os.access(path, os.R_OK):
        raise Malformed("write the path of a file that this user can read")
    return path


def program(text: str) -> str:
    found = shutil.which(str(Path(text).expanduser()))
    if found is None:
        raise Malformed("write the path of a program that can be run, for example /usr/bin/chromium")
    return found


def web_address(text: str) -> str:
    """An absolute http or https address without a trailing slash, query or fragment."""
    parts = _split(text, "write an address such as https://licensing.example")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Malformed("write an address such as https://licensing.example")
    return text.rstrip("/")


def database_url(text: str) -> Database:
    """`postgresql://user:password@host:port/name?sslmode=require`; a folder of sockets: `?host=/folder`."""
    mend = "write postgresql://user:password@host:5432/name"
    parts = _split(text, mend)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in ("postgres", "postgresql") or not name or "/" in name:
        raise Malformed(mend)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Database(
        name=name,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=options.pop("host", unquote(parts.hostname or "")),
        port=options.pop("port", str(parts.port or "")),
        options=options,
    )


def redis_url(text: str) -> str:
    """`redis://host:6379/0`, `rediss://...` for TLS, or `redis+socket:///path/to/socket`."""
    mend = "write redis://:password@host:6379/0, rediss://... for TLS, or redis+socket:///path"
    parts = _split(text, mend)
    by_socket = parts.scheme == "redis+socket" and len(parts.path) > 1 and not parts.netloc
    by_network = parts.scheme in ("redis", "rediss") and bool(parts.hostname)
    if not (by_socket or by_network):
        raise Malformed(mend)
    return text


def mail_url(text: str) -> Mail:
    """`file:` or `file:///folder`, `console:`, `smtp://user:password@host:25`, `smtp+starttls://`, `smtps://`."""
    mend = "write file:///folder, console:, smtp+starttls://user:password@host:587 or smtps://user:password@host"
    parts = _split(text, mend)
    if parts.scheme == "console":
        return Mail("console")
    if parts.scheme == "file" and not parts.netloc:
        return Mail("file", directory=Path(unquote(parts.path)) if parts.path else None)
    ways = {"smtp": ("", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}
    if parts.scheme not in ways or not parts.hostname:
        raise Malformed(mend)
    security, usual_port = ways[parts.scheme]
    return Mail(
        "smtp",
        host=parts.hostname,
        port=parts.port or usual_port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=security,
    )


def _split(text: str, mend: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise Malformed(mend) from error
    return parts


def _setting(
    name: str,
    parse: Callable[[str], Value],
    *,
    default: Value | None,
    absent: str,
    about: str,
    secret: bool = False,
) -> Any:
    """A field of `Environment`: where it comes from, how it is read, and what stands when it is absent."""
    metadata = {"name": name, "parse": parse, "absent": absent, "about": about, "secret": secret}
    if isinstance(default, list):
        return dataclasses.field(default_factory=lambda: cast(Any, list(default)), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The settings of one process. `None` means: not given, and the system provides its own."""

    database: Database | None = _setting(
        "DATABASE_URL",
        database_url,
        default=None,
        absent="the embedded PostgreSQL",
        about="PostgreSQL to use, as `postgresql://user:password@host:5432/name`; libpq options after `?`.",
        secret=True,
    )
    redis_url: str | None = _setting(
        "REDIS_URL",
        redis_url,
        default=None,
        absent="the embedded Redis",
        about="Redis that carries Celery's messages: `redis://`, `rediss://` or `redis+socket://`.",
        secret=True,
    )
    port: int = _setting(
        "PORT",
        port,
        default=8000,
        absent="8000",
        about="Port of the site on this machine (`make run`, gunicorn).",
    )
    listen: str = _setting(
        "ENTENTE_LISTEN",
        address,
        default="127.0.0.1",
        absent="127.0.0.1",
        about="Address of this machine that the web server listens on; `0.0.0.0` for all.",
    )
    web_workers: int = _setting(
        "ENTENTE_WEB_WORKERS", whole_number, default=2, absent="2", about="Web server processes, of four threads each."
    )
    chromium: str | None = _setting(
        "CHROMIUM", program, default=None, absent="found on PATH", about="Browser for the browser tests."
    )
    secret_key: str | None = _setting(
        "ENTENTE_SECRET_KEY",
        secret_key,
        default=None,
        absent="made once, kept in the var folder",
        about="Signs sessions and links, at least 32 characters. Give every machine the same one.",
        secret=True,
    )
    debug: bool = _setting(
        "ENTENTE_DEBUG",
        boolean,
        default=False,
        absent="false",
        about="Django's debug pages; never in production.",
    )
    allowed_hosts: list[str] = _setting(
        "ENTENTE_ALLOWED_HOSTS",
        hosts,
        default=["localhost", "127.0.0.1", "[::1]"],
        absent="this machine only",
        about="Host names that the site answers to, with commas between them.",
    )
    list_hosts: list[str] = _setting(
        "ENTENTE_LIST_HOSTS",
        hosts,
        default=list[str](),
        absent="none: lists come from files",
        about="Host names that restricted-party lists may be fetched from, with commas between them.",
    )
    base_url: str | None = _setting(
        "ENTENTE_BASE_URL",
        web_address,
        default=None,
        absent="`http://127.0.0.1:PORT`",
        about="Public address: links in mail, the QR code on a license. With https, cookies are secure only.",
    )
    behind_proxy: bool = _setting(
        "ENTENTE_BEHIND_PROXY",
        boolean,
        default=False,
        absent="false",
        about="Trust `X-Forwarded-Proto` of a proxy in front that always sets it.",
    )
    signing_key: Path | None = _setting(
        "ENTENTE_SIGNING_KEY",
        readable_file,
        default=None,
        absent="a development key, marked as such",
        about="PKCS#12 file with the key and certificate that sign licenses.",
    )
    signing_passphrase: str = _setting(
        "ENTENTE_SIGNING_PASSPHRASE",
        text_value,
        default="",
        absent="none",
        about="Passphrase of that file.",
        secret=True,
    )
    timestamp_url: str | None = _setting(
        "ENTENTE_TIMESTAMP_URL",
        web_address,
        default=None,
        absent="no timestamp",
        about="RFC 3161 time-stamping authority; with one, signatures are PAdES-B-LT.",
    )
    timestamp_roots: Path | None = _setting(
        "ENTENTE_TIMESTAMP_ROOTS",
        readable_file,
        default=None,
        absent="what the machine trusts",
        about="PEM file with the root certificates of that authority.",
    )
    credential_key: Path | None = _setting(
        "ENTENTE_CREDENTIAL_KEY",
        readable_file,
        default=None,
        absent="made once, kept in the var folder",
        about="PEM file with the Ed25519 key that signs credentials and bundles. Give every machine the same one.",
    )
    clamd: str = _setting(
        "ENTENTE_CLAMD",
        clamd_address,
        default="",
        absent="uploads are not looked at",
        about="ClamAV's clamd, which looks at uploads: `tcp://host:3310` or `unix:///path/of/socket`.",
    )
    verapdf: str | None = _setting(
        "VERAPDF", program, default=None, absent="not asked", about="veraPDF, to check PDF/A and PDF/UA in tests."
    )
    mail: Mail = _setting(
        "ENTENTE_EMAIL_URL",
        mail_url,
        default=Mail("file"),
        absent="files in `mail` of the var folder",
        about="Where mail goes: `file:///folder`, `console:`, `smtp://`, `smtp+starttls://` or `smtps://`.",
        secret=True,
    )
    mail_from: str = _setting(
        "ENTENTE_EMAIL_FROM",
        text_value,
        default="Entente <no-reply@entente.example>",
        absent="`Entente <no-reply@entente.example>`",
        about="Sender of every message.",
    )
    var_dir: Path = _setting(
        "ENTENTE_VAR_DIR",
        folder,
        default=BASE_DIR / "var",
        absent="`var` in the repository",
        about="Folder for what the system writes: documents, uploads, mail, logs, embedded servers.",
    )
    log_level: str = _setting(
        "ENTENTE_LOG_LEVEL",
        word_of(*LOG_LEVELS),
        default="info",
        absent="info",
        about="Least severe log line shown: debug, info, warning or error.",
    )
    log_format: str = _setting(
        "ENTENTE_LOG_FORMAT",
        word_of("console", "json"),
        default="console",
        absent="console",
        about="Log lines for people (console) or for machines (json).",
    )


@dataclass(frozen=True)
class Described:
    """What the documentation says of one setting."""

    name: str
    absent: str
    about: str


def described() -> list[Described]:
    """Every setting in the order of the documentation's table."""
    fields = dataclasses.fields(Environment)
    return [Described(f.metadata["name"], f.metadata["absent"], f.metadata["about"]) for f in fields]


def read(environ: Mapping[str, str]) -> Environment:
    """Read and check all settings; an empty value counts as absent.

    Raises `SettingsError` that names every malformed value and every unknown `ENTENTE_...` at once.
    """
    problems = _unknown(environ)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Environment):
        text = environ.get(field.metadata["name"], "").strip()
        if not text:
            continue
        try:
            values[field.name] = field.metadata["parse"](text)
        except Malformed as error:
            shown = "(hidden)" if field.metadata["secret"] else repr(text)
            problems.append(f"{field.metadata['name']} is {shown}: {error}.")
    if problems:
        raise SettingsError(problems)
    return Environment(**values)


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = [setting.name for setting in described()]
    secret = {field.metadata["name"] for field in dataclasses.fields(Environment) if field.metadata["secret"]}
    problems = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            mend = f"did you mean {near[0]}?" if near else "remove it; docs/operations.md lists the known names."
            shown = "(hidden)" if secret.intersection(near) else repr(environ[name])
            problems.append(f"{name} is {shown}: there is no such setting; {mend}")
    return problems
