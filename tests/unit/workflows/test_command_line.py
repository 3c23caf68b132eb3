"""`manage.py workflow` on files alone."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from jsonschema import Draft202012Validator

from workflows.kernel import load

FIXTURES = Path(__file__).parents[3] / "fixtures" / "workflows"
US, UK = str(FIXTURES / "us-interagency.yaml"), str(FIXTURES / "uk-individual.yaml")


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("workflow", *arguments, stdout=out)
    return out.getvalue()


def test_what_ships_is_sound() -> None:
    assert said("validate", US, UK) == "2 sound\n"


def test_a_mistake_is_told_with_file_line_code_and_mend(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        Path(US).read_text(encoding="utf-8").replace("approve: decision", "approve: decisoin"), encoding="utf-8"
    )
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("workflow", "validate", str(broken), stdout=out)
    line = out.getvalue().splitlines()[0]
    assert line.startswith(f"{broken}:22: unknown-target intake leads to decisoin")


@pytest.mark.parametrize("path", [US, UK])
def test_everything_that_can_happen_comes_to_an_end(path: str) -> None:
    told = said("explore", path)
    assert "end approved" in told
    assert "no end can be reached" not in told
    assert "cut off" not in told


def test_a_script_is_played_line_by_line(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    rows = [
        {"at": "2026-01-05T09:00Z"},
        {"at": "2026-01-05T09:01Z", "outcome": "clear"},
        {
            "at": "2026-01-06T10:00Z",
            "actor": "ada",
            "command": "propose",
            "data": {"seat": "officer", "action": "refer"},
        },
        {"at": "2026-01-07T10:00Z", "actor": "dee", "command": "agree", "data": {"seat": "defense"}},
        {"at": "2026-02-20T00:00Z"},
    ]
    script.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    told = [json.loads(line) for line in said("simulate", US, "--script", str(script)).splitlines()]
    assert {"line": 4, "refused": "wrong_stage"}.items() <= next(row for row in told if "refused" in row).items()
    assert [row["vote"] for row in told if row.get("event") == "voted"] == ["no_objection"] * 4
    assert told[-1]["state"]["stage"] == "decision"


@pytest.mark.parametrize(
    "line", ["not json", '{"actor": "ada"}', '{"at": "soon"}', '{"at": "2026-01-05", "verb": "vote"}']
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    script = tmp_path / "script.jsonl"
    script.write_text(line, encoding="utf-8")
    with pytest.raises(CommandError, match="line 1"):
        said("simulate", US, "--script", str(script))


def test_a_forecast_is_the_same_for_the_same_seed() -> None:
    assert said("forecast", US, "--cases", "40", "--seed", "7") == said("forecast", US, "--cases", "40", "--seed", "7")


def test_a_drawing_names_every_stage() -> None:
    picture = said("draw", UK, "--format", "svg")
    for stage in ("checks", "triage", "advice", "decision", "issuance", "issued", "refused", "nlr", "stopped"):
        assert f">{stage}</text>" in picture


def test_the_schema_is_the_one_by_which_files_are_checked() -> None:
    schema = json.loads(said("schema"))
    validator = Draft202012Validator(schema)
    for path in (US, UK):
        assert list(validator.iter_errors(load(Path(path).read_text(encoding="utf-8")).source)) == []
    assert list(validator.iter_errors({"key": "x", "version": 1, "start": "a", "stages": {}, "colour": "red"})) != []
