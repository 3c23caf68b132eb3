"""The shipped policy, compiled with small country lists: no database."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from licensing.catalog.entries import entries_of, figures_of
from licensing.policy.rulesets import ListVersionRef, Ruleset, VersionRef, compile_ruleset

FIXTURES = Path(__file__).parents[3] / "fixtures"
POLICY, CONTROL = FIXTURES / "policies" / "us.yaml", FIXTURES / "control" / "us.yaml"
TODAY = date(2026, 11, 25)
MEMBERS: Mapping[str, set[str]] = {
    "EAR_740_SUPP5_A": {"NO", "DE", "GB", "US"},
    "EAR_D5": {"IR", "KP", "CU", "BY", "CN"},
    "EAR_E1": {"IR", "KP", "SY"},
    "EAR_E2": {"CU"},
    "EU27": {"DE"},
    "AUTHORITY_WATCH": set(),
}


@pytest.fixture(scope="session")
def us_content() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(POLICY.read_text())
    return loaded


def build_ruleset(content: Mapping[str, Any], **members: set[str]) -> Ruleset:
    """The shipped lists at version 1; a list that is given has other members and version 2."""
    lists = {
        key: ListVersionRef(key, 2 if key in members else 1, frozenset(members.get(key, listed)))
        for key, listed in MEMBERS.items()
    }
    control = yaml.safe_load(CONTROL.read_text())
    return compile_ruleset(
        content,
        policy=VersionRef("us", 1),
        lists=lists,
        entries=entries_of(control, TODAY),
        thresholds=figures_of(control, TODAY),
    )


@pytest.fixture(scope="session")
def us(us_content: dict[str, Any]) -> Ruleset:
    return build_ruleset(us_content)


DRAFT: Mapping[str, Any] = {
    "transaction_kind": "export",
    "delivery_modes": ["hosting_abroad"],
    "destinations": ["NO"],
    "items": [
        {
            "model": "Meridian 2",
            "weights": "closed",
            "operations": 2.1e26,
            "modalities": ["text"],
            "control_entry": "",
            "derivation": "",
            "security_level": 3,
        }
    ],
    "parties": [
        {
            "role": "end_user",
            "kind": "company",
            "country": "NO",
            "headquarters": "NO",
            "ultimate_parent": "NO",
            "citizenships": [],
        }
    ],
    "sites": [
        {"country": "NO", "headquarters": "NO", "ultimate_parent": "NO", "key_custody": "vendor", "security_level": 3}
    ],
    "end_use": "Diagnosis support in hospitals",
    "sector": "health_care",
    "all_published": False,
    "control_entries": [],
    "military_end_use": False,
    "wmd_end_use": False,
    "human_rights_concern": False,
    "decides_about_people": False,
    "any_nuclear_relevant": False,
}


@pytest.fixture
def draft() -> dict[str, Any]:
    """A closed model over the threshold, hosted in a partner country below security level 4."""
    return deepcopy(dict(DRAFT))
