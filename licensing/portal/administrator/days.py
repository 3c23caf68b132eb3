"""Who was on which list on a day, and what changed between two days; both as a table and as a file."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from licensing.countries import queries, sheets
from licensing.countries.queries import Moved
from licensing.portal.administrator.forms import DaysForm
from licensing.portal.administrator.lists import as_csv
from licensing.portal.administrator.views import administrator

PAGE = 60


@dataclass(frozen=True)
class Row:
    """A country, and for each list whether it was on it."""

    code: str
    name: str
    on: tuple[bool, ...]


def matrix(keys: list[str], standing: dict[str, frozenset[str]], called: dict[str, str], only: set[str]) -> list[Row]:
    """The countries that were on any of these lists, by name; with `only`, those countries, on lists or not."""
    codes = only or {code for key in keys for code in standing[key]}
    rows = (Row(code, called.get(code, code), tuple(code in standing[key] for key in keys)) for code in codes)
    return sorted(rows, key=lambda row: row.name)


def _asked(text: str, day: date) -> tuple[set[str], str]:
    """The codes that a country's name or code stands for, with what it meant on the day; or what to say when it is none."""
    if not text:
        return set(), ""
    code, near = queries.code_of(text)
    meant = queries.meaning(code or text.upper(), day)
    if code:
        return {code}, f"On {day} the code {code} meant {meant or 'no country'}."
    gone = {row.code for row in queries.past() if text.upper() == row.code or text.casefold() == row.name.casefold()}
    said = f"On {day} the code {text.upper()} meant {meant}. " if meant else ""
    today = (
        f"Today: {'; '.join(near)}." if gone else f"No country is called {text}. Nearest: {'; '.join(near) or 'none'}."
    )
    return gone | {each.code for each in queries.find(text).suggestions if gone}, said + today


@login_required
@require_GET
def on_a_day(request: HttpRequest) -> HttpResponse:
    """Countries by lists on a day, for one country or list or all, and what had changed since another day."""
    administrator(request)
    today = timezone.localdate()
    names = queries.list_names()
    form = DaysForm({"day": today.isoformat(), **request.GET.dict()}, lists=[(key, key) for key in names])
    given = form.cleaned_data if form.is_valid() else {}
    day, since, key = given.get("day") or today, given.get("since"), given.get("key") or ""
    only, said = _asked(given.get("country", "").strip(), day)
    standing = queries.standing(day)
    keys = [each for each in sorted(standing) if key in ("", each)]
    rows = matrix(keys, standing, queries.called(day), only) if only or not given.get("country") else []
    moved = [row.of(only) for row in (queries.moved(since, day) if since else ()) if key in ("", row.key)]
    moved = [row for row in moved if row.came or row.went]
    if request.GET.get("format") == "csv":
        return as_csv(_changes_file(since, day, moved) if since else _matrix_file(keys, rows), f"lists-{day}")
    context = {
        "form": form,
        "said": said,
        "day": day,
        "since": since,
        "keys": [(each, names.get(each, each), each.split("_")) for each in keys],
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "count": len(rows),
        "moved": [(row.key, _named(row.came), _named(row.went)) for row in moved],
    }
    return render(request, "administrator/on_a_day.html", context)


def _named(codes: tuple[str, ...]) -> list[str]:
    called = queries.called()
    return [called.get(code, code) for code in codes]


def _matrix_file(keys: list[str], rows: list[Row]) -> str:
    return sheets.table(
        [["code", "country", *keys], *([row.code, row.name, *("x" if on else "" for on in row.on)] for row in rows)]
    )


def _changes_file(since: date, day: date, moved: list[Moved]) -> str:
    called = queries.called()
    header = ["list", "change", "code", "country", "since", "day"]
    lines = [
        [row.key, change, code, called.get(code, code), since.isoformat(), day.isoformat()]
        for row in moved
        for change, codes in (("came", row.came), ("went", row.went))
        for code in codes
    ]
    return sheets.table([header, *lines])
