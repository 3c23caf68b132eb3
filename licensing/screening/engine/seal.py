"""What an engine is made of, as one digest: so that its name changes with it, and an old one can be found again. Pure."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from licensing.screening.engine import ENGINE, tables

ROOM = Path(__file__).parents[1]
SEALS = "seals.csv"
READ_BY = ("anyascii",)  # what other alphabets are in Latin letters comes from its tables


def digest() -> str:
    """SHA-256 of the rules and tables of this engine, and of the version of what it reads other alphabets with."""
    parts = [f"{name}=={version(name)}".encode() for name in READ_BY]
    paths = sorted([ROOM / "domains.py", *ROOM.glob("engine/*.py"), *ROOM.glob("engine/data/*")])
    parts += [path.name.encode() + b"\n" + path.read_bytes() for path in paths if path.name != SEALS]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def sealed(engine: str) -> str:
    """The digest under which an engine was released; "" for one that this version has never heard of."""
    return next((row["sha256"] for row in tables.rows(SEALS) if row["engine"] == engine), "")


def where(engine: str, present: str = ENGINE) -> str:
    """A sentence: how a version of the system that has this engine is found; the present one has another."""
    path = (Path(__file__).with_name("__init__.py")).relative_to(ROOM.parents[1]).as_posix()
    known = f" Its seal is {sealed(engine)}." if sealed(engine) else ""
    return (
        f"The engine {engine!r}: this version of the system has {present!r}.{known} In the repository, "
        f"`git log -1 --format=%h^ -S'\"{engine}\"' -- {path}` names the last version that has it; check that out, and replay there."
    )
