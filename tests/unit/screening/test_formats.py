"""Lists in the agencies' own formats: invented entries as the agencies write them, real files where they are there, and every way to be broken."""

import json
import zipfile
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from licensing.screening import formats, match
from licensing.screening.engine.dates import birth_dates, iso_date
from licensing.screening.formats import agencies, eu, neutral, uk
from licensing.screening.formats.tables import names_in

REAL = Path(__file__).parents[4] / "shared" / "data" / "screening"
SYNTHETIC = Path(__file__).parents[3] / "fixtures" / "screening" / "synthetic.csv"


def line(columns: tuple[str, ...], mark: str = ",", **cells: str) -> str:
    return mark.join(f'"{cells.get(column, "")}"' for column in columns)


CSL = line(
    agencies.CSL, _id="a1", source="Entity List (EL) - Bureau of Industry and Security", name="Vostok Kvant JSC (f.k.a., Kvant Plant; VKJ)",
    alt_names="Kvant Vostok; ВОСТОК КВАНТ", addresses="1 Ulitsa Sinyaya, Omsk, RU; 2 Road, Dubai, AE", license_requirement="All items",
    license_policy="Presumption of denial", ids="Tax ID No., 7700000001, RU", dates_of_birth="1970-05-01",
)  # fmt: skip
SDN = (
    '101,"IVANOVSKI, Pyotr Osip","individual","SYN] [DEMO",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 09 Feb 1951; alt. DOB 1952; nationality'
    " Russia; Passport 92A64 (Russia); a.k.a. 'THE QUIET'.\"\n"
    '102,"SEVERNY VETER SHIPPING",-0- ,"SYN",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n\x1a'
)
ALT = '101,1,"aka","IVANOVSKY, Petr",-0- \n102,2,"fka","NORTH WIND LINES",-0- \n'
ADD = '102,1,"4 Pier Road","Limassol","Cyprus",-0- \n'
DPL = (
    "\t".join(agencies.DPL)
    + '\n"NILS FALSKMAN"\t"1 ROAD"\t"OSLO"\t""\t"NO"\t"0150"\t"06/19/2024"\t"06/29/2034"\t"Y"\t"2024-06-19"\t"ADDED"\t"89 F.R. 1"\n'
)
UN = (
    '<?xml version="1.0"?><CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09Z"><INDIVIDUALS><INDIVIDUAL><DATAID>7</DATAID><FIRST_NAME>OMAR'
    "</FIRST_NAME><SECOND_NAME>AL-QASR</SECOND_NAME><UN_LIST_TYPE>SYN</UN_LIST_TYPE><GENDER>Male</GENDER><NAME_ORIGINAL_SCRIPT>عمر القصر</NAME_ORIGINAL_SCRIPT>"
    "<NATIONALITY><VALUE>Iraq</VALUE></NATIONALITY><INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Umar Qasr</ALIAS_NAME></INDIVIDUAL_ALIAS>"
    "<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Tailor</ALIAS_NAME></INDIVIDUAL_ALIAS><INDIVIDUAL_DATE_OF_BIRTH><YEAR>1971</YEAR>"
    "</INDIVIDUAL_DATE_OF_BIRTH><INDIVIDUAL_PLACE_OF_BIRTH><CITY>Mosul</CITY><COUNTRY>Iraq</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS><ENTITIES></ENTITIES></CONSOLIDATED_LIST>"
)
UK_COLUMNS = (*uk.COLUMNS, "OFSI Group ID")
UK = "\n".join([
    "Report Date: 12-Nov-2026", ",".join(UK_COLUMNS),
    line(UK_COLUMNS, **{"Unique ID": "SYN0001", "Name 6": "QASR", "Name 1": "Omar", "Name type": "Primary name variation", "Designation Type": "Individual"}),
    line(UK_COLUMNS, **{"Unique ID": "SYN0001", "Name 6": "AL-QASR", "Name 1": "Umar", "Name type": "Primary name", "Designation Type": "Individual",
                        "D.O.B": "03/04/1971", "Nationality(/ies)": "(1) Iraq (2) Syria", "Regime Name": "Synthetic", "Gender": "Male",
                        "Town of birth": "(1) Mosul (2) Kirkuk", "Country of birth": "Iraq", "Website": "qasr.example", "Other Information": "Invented"}),
    line(UK_COLUMNS, **{"Unique ID": "SYN0001", "Name 6": "THE TAILOR", "Name type": "Alias", "Alias strength": "Low quality", "D.O.B": "dd/mm/1972"}),
])  # fmt: skip
EU_COLUMNS = (*eu.COLUMNS, "Entity_EU_ReferenceNumber")
EU = "\n".join([
    ";".join(EU_COLUMNS),
    line(EU_COLUMNS, ";", fileGenerationDate="12/11/2026", Entity_LogicalId="13", Entity_SubjectType="P", NameAlias_WholeName="Umar AL-QASR"),
    line(EU_COLUMNS, ";", Entity_LogicalId="13", Entity_SubjectType="P", NameAlias_WholeName="Omar Qasr", BirthDate_Year="1971",
         NameAlias_Gender="M", BirthDate_Place="Mosul", BirthDate_CountryDescription="IRAQ", Entity_Remark="Invented"),
    line(EU_COLUMNS, ";", Entity_LogicalId="13", Entity_SubjectType="P", Citizenship_CountryDescription="IRAQ"),
])  # fmt: skip
DENIALS = (
    ",".join(neutral.DENIALS)
    + "\n"
    + line(neutral.DENIALS, regime_reg_ref="GB-7", name="Volta Handel", country="Türkiye", notifying_government="GB")
)
SAMPLES: dict[str, dict[str, str]] = {
    "csl": {"consolidated.csv": ",".join(agencies.CSL) + "\n" + CSL}, "ofac": {"sdn.csv": SDN, "alt.csv": ALT, "add.csv": ADD}, "dpl": {"dpl.txt": DPL},
    "un": {"consolidated.xml": UN}, "uk": {"UK-Sanctions-List.csv": UK}, "eu": {"eu.csv": EU}, "denials": {"denials.csv": DENIALS},
    "ita": {"uvl.csv": "COUNTRY,NAME,ADDRESS,,\nHong Kong,Brightstar Parts Ltd,Room 1,,\nHong Kong,Brightstar Parts Ltd,Room 2,,\n"},
    "unified": {"unified.jsonl": json.dumps({"id": "u1", "schema": "Person", "names": ["Umar Qasr", "Omar Qasr"], "weak": ["Tailor"], "country": ["iq"]})},
    "neutral": {"synthetic.csv": SYNTHETIC.read_text(encoding="utf-8")},
}  # fmt: skip


def read(format_: str, **changed: str) -> list[dict[str, Any]]:
    return formats.read(format_, {name: text.encode() for name, text in {**SAMPLES[format_], **changed}.items()}).rows


def test_there_is_a_sample_of_every_format() -> None:
    assert SAMPLES.keys() == formats.FORMATS.keys()


def test_the_consolidated_screening_list() -> None:
    (row,) = read("csl")
    assert (row["name"], row["kind"], row["countries"]) == ("Vostok Kvant JSC", "company", ["RU", "AE"])
    assert row["aliases"] == ["Kvant Plant", "VKJ", "Kvant Vostok", "ВОСТОК КВАНТ"]
    assert (row["license_policy"], row["identifiers"], row["birth_dates"]) == (
        "Presumption of denial",
        ["7700000001"],
        ["1970-05-01"],
    )


def test_ofac_in_three_files_with_weak_aliases_in_the_remarks() -> None:
    person, ship = read("ofac")
    assert (person["name"], person["aliases"], person["weak_aliases"]) == (
        "Pyotr Osip IVANOVSKI",
        ["Petr IVANOVSKY"],
        ["THE QUIET"],
    )
    assert (person["birth_dates"], person["countries"], person["identifiers"]) == (
        ["1951-02-09", "1952"],
        ["RU"],
        ["92A64"],
    )
    assert person["programs"] == ["SYN", "DEMO"]
    assert (ship["aliases"], ship["addresses"], ship["countries"]) == (
        ["NORTH WIND LINES"],
        ["4 Pier Road, Limassol, Cyprus"],
        ["CY"],
    )


def test_the_united_nations_with_original_script_and_quality() -> None:
    loaded = formats.read("un", {"consolidated.xml": UN.encode()})
    (row,) = loaded.rows
    assert str(loaded.published_on) == "2026-02-27"
    assert (row["name"], row["aliases"], row["weak_aliases"]) == (
        "OMAR AL-QASR",
        ["عمر القصر", "Umar Qasr"],
        ["The Tailor"],
    )
    assert (row["countries"], row["birth_dates"]) == (["IQ"], ["1971"])


def test_a_date_of_birth_that_is_not_exact_is_each_year_that_it_may_be() -> None:
    about = UN.replace("<YEAR>1971</YEAR>", "<TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1971</YEAR>")
    assert read("un", **{"consolidated.xml": about})[0]["birth_dates"] == ["1969", "1970", "1971", "1972", "1973"]
    between = UN.replace("<YEAR>1971</YEAR>", "<FROM_YEAR>1970</FROM_YEAR><TO_YEAR>1972</TO_YEAR>")
    assert read("un", **{"consolidated.xml": between})[0]["birth_dates"] == ["1970", "1971", "1972"]
    assert read("ofac", **{"sdn.csv": SDN.replace("DOB 09 Feb 1951", "DOB 1950 to 1951")})[0]["birth_dates"] == [
        "1950",
        "1951",
        "1952",
    ]
    assert birth_dates("between 1900 and 1990") == ()


def test_the_united_kingdom_grouped_by_its_id() -> None:
    loaded = formats.read("uk", {"uk.csv": UK.encode()})
    (row,) = loaded.rows
    assert str(loaded.published_on) == "2026-11-12"
    assert row["name"] == "Umar AL-QASR"
    assert row["aliases"] == ["Omar QASR"]
    assert (row["weak_aliases"], row["birth_dates"], row["countries"]) == (
        ["THE TAILOR"],
        ["1971-04-03", "1972"],
        ["IQ", "SY"],
    )


def test_the_european_union_merged_on_its_id() -> None:
    loaded = formats.read("eu", {"eu.csv": EU.encode()})
    (row,) = loaded.rows
    assert (row["name"], row["aliases"], row["countries"], row["birth_dates"]) == (
        "Umar AL-QASR",
        ["Omar Qasr"],
        ["IQ"],
        ["1971"],
    )
    assert str(loaded.published_on) == "2026-11-12"


@pytest.mark.parametrize(
    ("born", "said", "years"),
    [
        (
            {"BirthDate_YearRangeFrom": "1955", "BirthDate_YearRangeTo": "1957"},
            "1955 to 1957",
            ("1955", "1956", "1957"),
        ),
        ({"BirthDate_Year": "1955", "BirthDate_Circa": "true"}, "circa 1955", ("1953", "1954", "1955", "1956", "1957")),
        ({"BirthDate_BirthDate": "1955-03-04", "BirthDate_Circa": "false"}, "1955-03-04", ("1955-03-04",)),
    ],
    ids=["range", "circa", "exact"],
)
def test_the_european_union_gives_ranges_and_about_which_year(
    born: dict[str, str], said: str, years: tuple[str, ...]
) -> None:
    row = line(
        EU_COLUMNS, ";", Entity_LogicalId="1", Entity_SubjectType="P", NameAlias_WholeName="Umar AL-QASR", **born
    )
    (made,) = formats.read("eu", {"eu.csv": f"{';'.join(EU_COLUMNS)}\n{row}".encode()}).rows
    assert made["birth_dates"] == [said]
    assert birth_dates(said) == years


@pytest.mark.parametrize(
    ("format_", "remarks"),
    [
        ("uk", "Gender: Male; POB Mosul, Iraq; POB Kirkuk; Website qasr.example; Invented"),
        ("eu", "Gender: Male; POB Mosul, IRAQ; Invented"),
        ("un", "Gender: Male; POB Mosul, Iraq"),
    ],
)
def test_gender_and_birthplace_stand_in_the_remarks_and_gender_moves_the_score(format_: str, remarks: str) -> None:
    (row,) = read(format_)
    assert row["remarks"] == remarks
    index = match.Index.build([match.listed("1", row)])
    same, other = (
        index.search(match.ScreeningQuery("p", "", "person", "Umar Al-Qasr", gender=gender), threshold=0.5)[0]
        for gender in ("male", "female")
    )
    assert (same.features["qualifiers"], list(other.features["qualifiers"])) == ({}, ["gender_differs"])
    assert other.score < same.score


def test_the_smaller_lists() -> None:
    (denied,) = read("dpl")
    assert (denied["name"], denied["countries"], denied["addresses"]) == (
        "NILS FALSKMAN",
        ["NO"],
        ["1 ROAD, OSLO, 0150"],
    )
    (unverified,) = read("ita")
    assert (unverified["countries"], unverified["addresses"]) == (["HK"], ["Room 1", "Room 2"])
    several = line(neutral.DENIALS, regime_reg_ref="GB-7", name="Second Party Ltd")
    (both,) = read("denials", **{"denials.csv": f"{DENIALS}\n{several}\n"})
    assert both["aliases"] == ["Second Party Ltd"]
    (ally,) = read("denials")
    assert (ally["entity_id"], ally["countries"], ally["programs"]) == ("GB-7", ["TR"], ["denial by GB"])
    (unified,) = read("unified")
    assert (unified["kind"], unified["aliases"], unified["weak_aliases"], unified["countries"]) == (
        "person",
        ["Omar Qasr"],
        ["Tailor"],
        ["IQ"],
    )


@pytest.mark.parametrize(
    ("name", "main", "inside"),
    [
        ("Aviation Works (f.k.a., Plant 12; AWP)", "Aviation Works", ["Plant 12", "AWP"]), ("Quantum Lab (QL)", "Quantum Lab", ["QL"]),
        ("Blue (Tianjin) Chemical", "Blue Chemical", []), ("Orsha Optika a.k.a. Orsha Optics", "Orsha Optika", ["Orsha Optics"]),
        ("Simple Trading", "Simple Trading", []),
    ],
)  # fmt: skip
def test_aliases_in_brackets(name: str, main: str, inside: list[str]) -> None:
    found = names_in(name)
    assert found[1] == inside
    assert found[0] in (main, name)


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("09 Feb 1951", "1951-02-09"),
        ("2/9/1951", "1951-02-09"),
        ("1951-02-09", "1951-02-09"),
        ("circa 1951", "1951"),
        ("unknown", ""),
    ],
)
def test_dates_as_lists_write_them(said: str, iso: str) -> None:
    assert iso_date(said) == iso


@pytest.mark.parametrize("format_", [name for name in formats.FORMATS if name != "neutral"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page|document type"), (b"", "no header|cut off|empty|not whole XML"),
        ("Name,Größe\nx,y\n".encode("cp1252"), "is not UTF-8|header|columns|whole XML|date|cut off"), (b"one,two\n1,2\n", "header|columns|JSON|XML|date|number"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_whole(format_: str, content: bytes, told: str) -> None:
    with pytest.raises(formats.BadList, match=told):
        formats.read(format_, {next(iter(SAMPLES[format_])): content})


def test_a_row_that_is_cut_off_and_a_new_header_refuse_the_whole_file() -> None:
    whole = SAMPLES["csl"]["consolidated.csv"]
    with pytest.raises(formats.BadList, match="line 2: 3 columns where the header has 29"):
        read("csl", **{"consolidated.csv": whole[: whole.index("\n")] + "\na,b,c\n"})
    with pytest.raises(formats.BadList, match="header is not the one that is known"):
        read("csl", **{"consolidated.csv": whole.replace("alt_names", "other_names", 1)})
    with pytest.raises(formats.BadList, match="line 3: 4 columns where alt has 5"):
        read("ofac", **{"alt.csv": ALT + '102,3,"aka","CUT"'})
    with pytest.raises(formats.BadList, match="cut off"):
        read("ofac", **{"alt.csv": ALT + '102,3,"aka","CUT'})
    with pytest.raises(formats.BadList, match="stands twice"):
        read("ofac", **{"sdn.csv": SDN.replace("102,", "101,").replace("\x1a", "")})
    with pytest.raises(formats.BadList, match="document type"):
        read(
            "un",
            **{
                "consolidated.xml": UN.replace(
                    "<CONSOLIDATED_LIST", '<!DOCTYPE x [<!ENTITY a "aaaa">]><CONSOLIDATED_LIST', 1
                )
            },
        )
    with pytest.raises(formats.BadList, match="2 columns where the header has 3"):
        read("ita", **{"uvl.csv": "COUNTRY,NAME,ADDRESS\nNorway,Quiet AS,Oslo\nNorway,Cut"})
    with pytest.raises(formats.BadList, match="1 stands twice"):
        read("unified", **{"unified.jsonl": '{"id": "1", "names": ["Quiet AS"]}\n{"id": "1", "names": ["Other AS"]}\n'})
    with pytest.raises(formats.BadList, match="the format has changed"):
        read("un", **{"consolidated.xml": UN.replace("2026-02-27T", "27/02/2026")})
    with pytest.raises(formats.BadList, match="the format has changed"):
        read("uk", **{"UK-Sanctions-List.csv": UK.replace("12-Nov-2026", "12-Fog-2026")})
    with pytest.raises(formats.BadList, match="no date of the report"):
        read("uk", **{"UK-Sanctions-List.csv": UK.replace("12-Nov-2026", "soon")})


def test_several_files_are_one_archive_and_always_the_same() -> None:
    files = {name: text.encode() for name, text in SAMPLES["ofac"].items()}
    packed = formats.pack(files)
    assert packed == formats.pack(dict(reversed(files.items())))
    assert formats.unpacked("ofac", packed) == files
    assert formats.unpacked("x", b"plain") == {"x": b"plain"}
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"sdn{number}.csv", b"0" * 50_000_000)
    for bad in (bomb.getvalue(), packed[:200]):
        with pytest.raises(formats.BadList, match=r"unpacked|cannot be read"):
            formats.unpacked("ofac.zip", bad)


@given(st.sampled_from(sorted(formats.FORMATS)), st.binary(max_size=200))
def test_no_bytes_are_a_traceback(format_: str, content: bytes) -> None:
    with pytest.raises(formats.BadList):
        formats.read(format_, formats.unpacked("list", content))


@pytest.mark.parametrize(
    ("format_", "names", "least"),
    [
        ("unified", ["unified.jsonl"], 23_819), ("ofac", ["ofac/sdn_2024-05-02.csv", "ofac/alt_2024-09.csv", "ofac/add_2025-12.csv"], 14_900),
        ("ofac", ["ofac/cons_prim.csv", "ofac/cons_alt.csv", "ofac/cons_add.csv"], 440), ("dpl", ["us_agencies/dpl.txt"], 480),
        ("un", ["un/UN_consolidated_2026-02-27.xml"], 1_000), ("csl", ["csl_format/consolidated_new_format.csv"], 13),
        ("ita", ["csl_format/ita_el.csv"], 5), ("ita", ["csl_format/ita_meu.csv"], 5), ("ita", ["csl_format/ita_uvl.csv"], 13),
    ],
)  # fmt: skip
def test_the_agencies_own_files(format_: str, names: list[str], least: int) -> None:
    if not REAL.exists():
        pytest.skip("the real lists are not here: they lie beside the repository, in shared/data/screening")
    rows = formats.read(format_, {Path(name).name: (REAL / name).read_bytes() for name in names}).rows
    assert len(rows) >= least
    assert len({row["entity_id"] for row in rows}) == len(rows)


def test_the_command_matches_files_without_a_database(tmp_path: Path) -> None:
    queries, output, listed = tmp_path / "q.jsonl", tmp_path / "out.jsonl", tmp_path / "sdn.csv"
    listed.write_text(SDN, encoding="utf-8")
    rows = [
        {"id": "1", "name": "Petr Ivanovski", "type": "person"},
        {"id": "2", "name": "Ada Nordmann"},
        {"id": "3", "name": "…"},
    ]
    queries.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    err = StringIO()
    arguments = [
        "--list",
        f"{listed}:ofac",
        "--list",
        f"{SYNTHETIC}",
        str(queries),
        "--output",
        str(output),
        "--threshold",
        "0.5",
    ]
    call_command("screening", "match", *arguments, stderr=err)
    one, two, three = map(json.loads, output.read_text(encoding="utf-8").splitlines())
    assert (one["hits"][0]["list"], one["hits"][0]["entity_id"]) == ("sdn", "OFAC-101")
    assert two["hits"] == []
    assert "hits" not in three, "a party that cannot be screened is not one without hits"
    assert "no name that can be screened" in three["error"]


@pytest.mark.parametrize(
    ("line", "told"), [("{", "not JSON"), ('{"id": 1}', "id and name"), ('{"id": 1, "name": "x", "colour": 2}', "id and name"),
                       ('{"id": 1, "name": "x", "type": "ship"}', "person or organization"), ('{"id": 1, "name": "Nord\\ud800"}', "half a character"),
                       ('{"id": 1, "name": "x", "country": ["NO"]}', "all else are texts")]
)  # fmt: skip
def test_a_query_that_is_none_is_named_by_its_line(tmp_path: Path, line: str, told: str) -> None:
    queries = tmp_path / "q.jsonl"
    queries.write_text(line, encoding="utf-8")
    with pytest.raises(CommandError, match=f"line 1: .*{told}"):
        call_command("screening", "match", "--list", str(SYNTHETIC), str(queries), "--output", str(tmp_path / "out"))


def test_two_lists_of_one_name_do_not_hide_each_other(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": 1, "name": "Nord\u2028lys", "birth_date": 1970}', encoding="utf-8")
    where = (str(tmp_path / "q.jsonl"), "--output", str(tmp_path / "out"), "--list", str(SYNTHETIC))
    with pytest.raises(CommandError, match="rename the file"):
        call_command("screening", "match", *where, "--list", str(SYNTHETIC))
    call_command("screening", "match", *where)
    assert json.loads((tmp_path / "out").read_text(encoding="utf-8"))["id"] == "1"
