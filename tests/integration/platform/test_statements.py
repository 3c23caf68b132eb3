"""A prepared query answers as the query that it was written from, for every value."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Q, QuerySet
from django.utils import timezone

from licensing.accounts.models import Membership, Person
from licensing.statements import prepared
from tests.examples import people

pytestmark = pytest.mark.django_db


@prepared
def _names(ids: frozenset[int], active: bool, like: str | None) -> QuerySet[Person, tuple[Any, ...]]:
    named = Q(name=like) if like else Q()
    return Person.objects.filter(named, pk__in=ids, is_active=active).order_by("pk").values_list("pk", "name")


@prepared
def _held(person: int, day: date) -> QuerySet[Membership]:
    return Membership.objects.in_force(day).filter(person=person).select_related("organization", "unit")


@prepared
def _forgetful(person: int, name: str) -> QuerySet[Person]:
    return Person.objects.filter(pk=person)


def test_it_is_asked_with_other_values_each_time() -> None:
    lumen = people.applicant()
    first, second = lumen.preparer, lumen.official
    everybody = frozenset({first.pk, second.pk})
    assert _names(ids=everybody, active=True, like=None) == sorted([(first.pk, first.name), (second.pk, second.name)])
    assert _names(ids=frozenset({second.pk}), active=True, like=None) == [(second.pk, second.name)]
    assert _names(ids=everybody, active=True, like=first.name) == [(first.pk, first.name)]
    assert _names(ids=everybody, active=True, like="x' OR 'a' = 'a") == []
    assert _names(ids=everybody, active=False, like=None) == []
    assert _names(ids=frozenset({0}), active=True, like=None) == []


def test_instances_come_with_what_is_selected_beside_them(django_assert_num_queries: Any) -> None:
    lumen = people.applicant()
    today = timezone.localdate()
    _held(person=0, day=today)
    with django_assert_num_queries(1):
        (found,) = _held(person=lumen.preparer.pk, day=today)
        assert (found.organization, found.unit) == (lumen.organization, None)
    assert found == lumen.preparer.memberships.get()
    assert _held(person=lumen.preparer.pk, day=today - timedelta(days=400)) == []


def test_an_argument_about_which_nothing_is_asked_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="asks nothing about name"):
        _forgetful(person=1, name="Ada")
