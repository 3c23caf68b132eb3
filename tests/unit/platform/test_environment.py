"""Settings: typed, checked at once, each mistake with its name, its value and the mend."""

from pathlib import Path

import pytest

from licensing import env


def problems(**environ: str) -> list[str]:
    with pytest.raises(env.SettingsError) as raised:
        env.read(environ)
    return raised.value.problems


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("PORT", "eighty", "write a port number from 1 to 65535"),
        ("PORT", "70000", "write a port number from 1 to 65535"),
        ("ENTENTE_DEBUG", "perhaps", "write true or false"),
        ("ENTENTE_LISTEN", "everywhere", "write an IP address"),
        ("ENTENTE_ALLOWED_HOSTS", "https://a.example", "write host names"),
        ("ENTENTE_BASE_URL", "licensing.example", "write an address such as"),
        ("ENTENTE_SIGNING_KEY", "/nowhere/signing.p12", "write the path of a file"),
        ("ENTENTE_LOG_LEVEL", "loud", "write one of debug, info, warning, error"),
        ("CHROMIUM", "/nowhere/chromium", "write the path of a program"),
    ],
)
def test_a_malformed_value_is_named_with_its_value_and_the_mend(name: str, value: str, mend: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(f"{name} is {value!r}: {mend}")


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "ENTENTE_SECRET_KEY", "ENTENTE_EMAIL_URL"])
def test_a_malformed_secret_is_not_repeated(name: str) -> None:
    (problem,) = problems(**{name: "hunter2"})
    assert problem.startswith(f"{name} is (hidden): write ")


def test_an_unknown_setting_is_named_with_the_nearest_known() -> None:
    assert problems(ENTENTE_DEBUGG="true") == [
        "ENTENTE_DEBUGG is 'true': there is no such setting; did you mean ENTENTE_DEBUG?"
    ]


def test_a_misspelt_secret_is_not_repeated() -> None:
    (problem,) = problems(ENTENTE_SIGNING_PASSPRASE="hunter2")
    assert problem.startswith("ENTENTE_SIGNING_PASSPRASE is (hidden)")


def test_all_mistakes_are_told_at_once() -> None:
    assert len(problems(PORT="x", ENTENTE_DEBUG="x", ENTENTE_NONSENSE="x")) == 3


def test_an_empty_value_counts_as_absent() -> None:
    assert env.read({"PORT": "", "DATABASE_URL": " "}) == env.read({})


def test_a_database_address_is_taken_apart() -> None:
    found = env.read({"DATABASE_URL": "postgresql://a:p%40ss@db.example:6432/entente?sslmode=require"}).database
    assert found == env.Database("entente", "a", "p@ss", "db.example", "6432", {"sslmode": "require"})


def test_a_database_may_be_reached_by_a_folder_of_sockets() -> None:
    found = env.read({"DATABASE_URL": "postgresql://a@/entente?host=/run/postgresql"}).database
    assert found == env.Database("entente", "a", "", "/run/postgresql", "", {})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.example", env.Mail("smtp", host="mail.example", port=25)),
        ("smtps://u:p@mail.example", env.Mail("smtp", None, "mail.example", 465, "u", "p", "tls")),
        ("smtp+starttls://mail.example:26", env.Mail("smtp", host="mail.example", port=26, security="starttls")),
        ("file:///srv/mail", env.Mail("file", directory=Path("/srv/mail"))),
        ("console:", env.Mail("console")),
    ],
)
def test_ways_of_mail(address: str, expected: env.Mail) -> None:
    assert env.read({"ENTENTE_EMAIL_URL": address}).mail == expected


def test_other_programs_settings_are_left_alone() -> None:
    assert env.read({"HOME": "/root", "PATH": "/bin", "LANG": "C"}) == env.read({})
