"""What each kind of publication checks and compares takes any draft: there is no content that ends in a traceback."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.utils import timezone

from licensing.audit.refusals import Problem
from licensing.publishing.observers import differences, on_desk, problems_of
from licensing.publishing.queries import all_in_force
from tests.examples.story import seed

pytestmark = pytest.mark.django_db
JUNK: tuple[Any, ...] = (None, 5, [], {"a": 1}, [{}])


def spoiled(content: Any, depth: int = 3) -> Iterator[Any]:
    """The content with one part after another replaced by something else; of a list, its first."""
    yield from JUNK
    if depth and isinstance(content, Mapping):
        for key, part in content.items():
            for other in spoiled(part, depth - 1):
                yield {**content, key: other}
    elif depth and isinstance(content, list) and content:
        for other in spoiled(content[0], depth - 1):
            yield [other, *content[1:2]]


def test_any_content_is_told_what_is_wrong_and_compared() -> None:
    seed()
    for kind in on_desk():
        publication = next(iter(all_in_force(kind, timezone.now()).values()))
        content = publication.content
        for other in spoiled(content):
            if isinstance(other, Mapping):
                assert all(isinstance(problem, Problem) for problem in problems_of(kind, publication.key, other))
                assert all(isinstance(line, str) for line in differences(kind, content, other))
                assert all(isinstance(line, str) for line in differences(kind, other, content))
