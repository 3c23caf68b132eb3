"""Everybody whom a license would reach, as screening asks for them: pure, from the application as filed.

Applicant, parties, their owners through every known stake, their ultimate parents, sites and the operators of sites.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from licensing.cases.rules import APPLICANT, Filed
from licensing.parties.rules import Stake
from licensing.screening.domains import domain_of
from licensing.screening.match import ScreeningQuery
from licensing.screening.ownership import OWNER

SHORTEST_NUMBER = 6  # a shorter registration number is many companies' own


def queries(filed: Filed) -> list[ScreeningQuery]:
    """One query for each role; a party has the same reference in all of them."""
    return [organization(filed["applicant"]), *_named(filed["parties"]), *owners(filed), *_sites(filed)]


def owners(filed: Mapping[str, Any]) -> list[ScreeningQuery]:
    """Everybody who owns a share of somebody."""
    return list(_named([{**row["owner"], "role": OWNER} for row in filed.get("ownership", ())]))


def stakes(filed: Mapping[str, Any]) -> list[Stake]:
    """Who owns how much of whom, by the references of the queries."""
    return [
        Stake(
            f"party:{row['owner']['ref']}",
            f"organization:{filed['applicant']['ref']}" if row["owned"] == APPLICANT else f"party:{row['owned']}",
            None if row["percent"] is None else Decimal(row["percent"]),
        )
        for row in filed.get("ownership", ())
    ]


def organization(applicant: Mapping[str, Any], role: str = "applicant") -> ScreeningQuery:
    """A company with an account, as an application names its applicant."""
    return ScreeningQuery(
        ref=f"organization:{applicant['ref']}",
        role=role,
        kind="company",
        name=applicant["name"],
        aliases=tuple(applicant.get("aliases", ())),
        country=applicant["country"],
        identifiers=_numbers(applicant),
        addresses=_said(applicant["address"]),
        domains=_domains(applicant),
    )


def _named(parties: Iterable[Mapping[str, Any]]) -> Iterator[ScreeningQuery]:
    for party in parties:
        yield ScreeningQuery(
            ref=f"party:{party['ref']}",
            role=party["role"],
            kind=party["kind"],
            name=party["name"],
            aliases=tuple(party["aliases"]),
            country=party["country"],
            birth_date=party["birth_date"],
            gender=party.get("gender", ""),
            identifiers=_numbers(party),
            addresses=_said(party["address"]),
            domains=_domains(party),
        )
        if party["ultimate_parent_name"]:
            yield _organization(
                f"party:{party['ref']}:parent",
                "ultimate_parent",
                party["ultimate_parent_name"],
                party["ultimate_parent_country"],
            )


def _sites(filed: Filed) -> Iterator[ScreeningQuery]:
    for site in filed["sites"]:
        yield _organization(f"site:{site['ref']}", "site", site["name"], site["country"], site["address"])
        if site["operator"]:
            yield _organization(f"site:{site['ref']}:operator", "operator", site["operator"], site["headquarters"])


def _organization(ref: str, role: str, name: str, country: str, address: str = "") -> ScreeningQuery:
    return ScreeningQuery(ref=ref, role=role, kind="company", name=name, country=country, addresses=_said(address))


def _numbers(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Identifiers without their scheme, each once."""
    given = [value.partition(":")[2] or value for value in row.get("identifiers", ())]
    given += [row.get("lei", ""), row.get("registration_number", "")]
    return tuple(dict.fromkeys(number for number in given if sum(map(str.isalnum, number)) >= SHORTEST_NUMBER))


def _domains(row: Mapping[str, Any]) -> tuple[str, ...]:
    return _said(domain_of(row.get("website", "")))


def _said(text: str) -> tuple[str, ...]:
    return (text,) if text.strip() else ()
