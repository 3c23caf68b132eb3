"""Queries that the ORM writes once in a process, and that are asked with other values each time: to write one costs more than to answer it.

For the few places that machines wait for, such as the check at the moment of release.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
Asked = Callable[..., list[Any]]
EARLY = datetime(1, 1, 2, tzinfo=UTC)
FORMS = str | int | date  # an instant is a day, to Python


@dataclass(frozen=True)
class _Written:
    """`names` says for each mark of the statement whose value it takes; `constants` what it has where no argument stands."""

    sql: str
    names: Sequence[str]
    constants: Sequence[Any]
    converters: Mapping[int, tuple[Sequence[Callable[..., Any]], Any]]
    read: Callable[[tuple[Any, ...]], Any]

    def ask(self, given: Values) -> list[Any]:
        values = [given[name] if name else own for name, own in zip(self.names, self.constants, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            return [self.read(self._converted(row)) for row in cursor.fetchall()]

    def _converted(self, row: Sequence[Any]) -> tuple[Any, ...]:
        values = list(row)
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)


def prepared(write: Callable[..., QuerySet[Any, Any]]) -> Asked:
    """Decorate a function that makes a query of its keyword arguments: texts, whole numbers, days, instants, and sets of these.

    Asked with them, it returns the rows: tuples of a `values_list`, else instances, with what is selected beside them. A tuple, a
    truth value, None, and how many a set has are part of the statement: one is written for each, so there must be few of them.
    """
    written: dict[tuple[Any, ...], _Written] = {}

    @wraps(write)
    def ask(**given: Any) -> list[Any]:
        shape = tuple(
            (name, len(value) if isinstance(value, frozenset) else value)
            for name, value in given.items()
            if _is_shape(value)
        )
        if shape not in written:
            written[shape] = _write(write, given)
        return written[shape].ask(dict(_each(given)))

    return ask


def _is_shape(value: Any) -> bool:
    return value is None or isinstance(value, bool | tuple | frozenset)


def _each(given: Values) -> Iterator[tuple[str, Any]]:
    """Every value by a name of its own."""
    for name, value in given.items():
        if isinstance(value, frozenset):
            yield from ((f"{name}.{place}", each) for place, each in enumerate(sorted(value)))
        elif not _is_shape(value):
            yield name, value


def _write(write: Callable[..., QuerySet[Any, Any]], given: Values) -> _Written:
    marks = {name: _mark(value, place) for place, (name, value) in enumerate(_each(given))}
    arguments = {name: _marked(name, value, marks) for name, value in given.items()}
    compiler = write(**arguments).query.get_compiler(connection=connection)
    sql, constants = compiler.as_sql()
    called = {mark: name for name, mark in marks.items()}
    names = [called.get(value, "") if isinstance(value, FORMS) else "" for value in constants]
    if lost := set(marks) - set(names):
        raise TypeError(f"{write.__name__} asks nothing about {', '.join(sorted(lost))}")
    converters = compiler.get_converters([expression for expression, _, _ in compiler.select])
    return _Written(sql, names, constants, converters, _reader(compiler))


def _mark(value: FORMS, place: int) -> FORMS:
    """What stands in the statement where the value will stand; nothing else is like it."""
    if isinstance(value, datetime):
        return EARLY + timedelta(days=place)
    if isinstance(value, date):
        return EARLY.date() + timedelta(days=place)
    return f"\ue000{place}" if isinstance(value, str) else -1_000_000 - place


def _marked(name: str, value: Any, marks: Values) -> Any:
    if isinstance(value, frozenset):
        return frozenset(marks[f"{name}.{place}"] for place in range(len(value)))
    return marks.get(name, value)


def _reader(compiler: SQLCompiler) -> Callable[[tuple[Any, ...]], Any]:
    """From a row of the database to what the query is of: a tuple, or an instance with what is selected beside it."""
    whole, database = compiler.klass_info, compiler.using or DEFAULT_DB_ALIAS
    if whole is None or not compiler.query.default_cols:
        return tuple
    first, last = whole["select_fields"][0], whole["select_fields"][-1] + 1
    names = [column.target.attname for column, _, _ in compiler.select[first:last]]
    others = get_related_populators(whole, compiler.select, database)  # type: ignore[call-arg]  # the types are of a later Django

    def read(row: tuple[Any, ...]) -> Any:
        instance = whole["model"].from_db(database, names, row[first:last])
        for other in others:
            other.populate(row, instance)
        return instance

    return read
