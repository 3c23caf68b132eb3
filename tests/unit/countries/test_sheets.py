"""A list from a file: every way in which people save one, and every row that is wrong named with its number, column and value."""

import contextlib
import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from licensing.audit.refusals import Invalid
from licensing.countries import rules
from licensing.countries.sheets import preview, rows_of, to_csv, to_xlsx

CALLED = {
    "VN": "Viet Nam",
    "TR": "Türkiye",
    "KR": "Korea, Republic of",
    "NO": "Norway",
    "FR": "France",
    "CI": "Côte d'Ivoire",
}
KNOWN = rules.index({code: (name, *more) for code, name, *more in [
    ("VN", "Viet Nam"), ("TR", "Türkiye"), ("KR", "Korea, Republic of", "South Korea"), ("NO", "Norway"), ("FR", "France"),
    ("CI", "Côte d'Ivoire"),
]})  # fmt: skip
TODAY = date(2026, 6, 30)
BEFORE = [{"code": "FR", "note": ""}, {"code": "NO", "note": "old"}]


def find(text: str, until: str = "") -> tuple[str, list[str]]:
    code = KNOWN.get(rules.folded(text), "")
    return code, [] if code else [f"{CALLED[near]} ({near})" for near in rules.nearest(text, KNOWN)]


def problems(content: bytes | str, name: str = "list.csv") -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        preview(name, content.encode() if isinstance(content, str) else content, BEFORE, find, TODAY)
    return {problem.field: problem.mend for problem in refused.value.problems}


@pytest.mark.parametrize(
    "content",
    [
        "code,country,note\nNO,Norway,new\nVN,,\n",
        "\ufeffcode;country;note\r\nNO;Norway;new\r\nVN;Viet Nam;\r\n",
        "Country\tRemarks\nNorway\tnew\nViet Nam\t\n",
        "ISO2,Name,Note\n\nno,,new\nVN,Viet Nam,\n",
    ],
)
def test_files_as_people_save_them(content: str) -> None:
    found = preview("list.csv", content.encode(), BEFORE, find, TODAY)
    assert (found.additions, found.removals, found.changes) == (["VN"], ["FR"], ["NO"])
    assert found.members == [{"code": "NO", "note": "new"}, {"code": "VN", "note": ""}]


def test_a_workbook_says_the_same() -> None:
    book = Workbook()
    book.active.append(["code", "country", "from"])  # type: ignore[union-attr]
    book.active.append(["KR", "Korea, Republic of", None])  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    assert preview("list.xlsx", out.getvalue(), BEFORE, find, TODAY).additions == ["KR"]


@pytest.mark.parametrize(
    ("named", "nearest"),
    [
        ("Vietnam", "Viet Nam (VN)"), ("Turkiye", None), ("Turkey", "Türkiye (TR)"), ("Korea Republic", "Korea, Republic of (KR)"),
        ("Cote dIvoire", None),
    ],
)  # fmt: skip
def test_a_name_of_ours_or_the_nearest_one(named: str, nearest: str | None) -> None:
    if nearest is None or find(named)[0]:
        assert preview("list.csv", f"country\n{named}\n".encode(), BEFORE, find, TODAY).additions
    else:
        assert f"Did you mean {nearest}" in problems(f"country\n{named}\n")["row 2, column country"]


def test_every_wrong_row_is_told_at_once_and_the_file_is_refused_whole() -> None:
    found = problems(
        "code,country,from,until\nNO,,,\nQQ,,,\nFR,Norway,,\nVN,,soon,\nNO,,,\nTR,,2026-02-01,2026-01-01\n"
    )
    assert set(found) == {
        "row 3, column code", "row 4, column country", "row 5, column from", "row 6, column code", "row 7, column until",
    }  # fmt: skip
    assert "stands in row 2 too" in found["row 6, column code"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"), (b"colour,shape\nred,round\n", "The columns are colour, shape"),
        ("country\nCôte d'Ivoire\n".encode("cp1252"), "not UTF-8"),
        (b"<html><body>Sign in</body></html>", "neither CSV nor XLSX"), (b"PK\x03\x04 broken", "cannot be read"),
        (b'code,note\nNO,"never ends\n', "not whole"), (b"code\n" + b"NO\n" * 5001, "over 5000 rows"), (b"code,code\nNO,NO\n", "each once"),
        (b"code\nNO,Norway, a note, more\n", "more cells than the header"), (b"x" * 5_000_001, "larger than 5 MB"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_a_sentence(content: bytes, told: str) -> None:
    assert any(told in mend for mend in problems(content).values())


def test_a_workbook_that_unpacks_without_end_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    assert "Unpacked" in problems(out.getvalue(), "list.xlsx")["file"]


def test_a_workbook_that_is_broken_inside_is_refused() -> None:
    whole = to_xlsx(BEFORE, CALLED, "A list")
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"):
        for wrong in (b"<worksheet><row", b"", b"<a/>"):
            out = io.BytesIO()
            with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(out, "w") as after:
                for each in before.infolist():
                    after.writestr(each, wrong if each.filename == part else before.read(each))
            assert problems(out.getvalue(), "list.xlsx")


def test_what_goes_out_comes_back_and_no_cell_is_run() -> None:
    members = [{"code": "NO", "note": "=1+1"}, {"code": "VN", "note": "-", "from": "2026-01-01", "until": "2026-06-01"}]
    text = to_csv(members, CALLED)
    assert "'=1+1" in text
    for name, content in (("a.csv", text.encode()), ("a.xlsx", to_xlsx(members, CALLED, "A list"))):
        assert preview(name, content, [], find, TODAY).members == members


@given(st.binary(max_size=300))
def test_no_file_is_ever_a_traceback(content: bytes) -> None:
    with contextlib.suppress(Invalid):
        assert all(number > 1 for number, _ in rows_of("any", content))
