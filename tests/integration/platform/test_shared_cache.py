"""What web processes count together: one Redis for all of them, and each for itself while it is away."""

import subprocess
import sys
from typing import Any

from django.core.cache import cache
from django.core.cache.backends.base import BaseCache

from licensing.shared_cache import SharedCache

OTHER = """
import django
from django.conf import settings
django.setup()
from django.core.cache import cache
cache.set("tried", [*cache.get("tried", []), 2.5], 60)
"""


def count(shared: BaseCache, key: str) -> Any:
    shared.set(key, [*shared.get(key, []), 1.5], 60)
    return shared.get(key)


def test_another_process_counts_on(settings: Any) -> None:
    assert count(cache, "tried") == [1.5]
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    told = f"import tests.settings as own; own.CACHES['default']['KEY_PREFIX'] = {prefix!r}\n"
    subprocess.run([sys.executable, "-c", told + OTHER], check=True)
    assert cache.get("tried") == [1.5, 2.5]
    assert cache.add("tried", 1) is False
    assert cache.delete("tried") is True
    assert cache.get("tried", "none") == "none"


def test_while_redis_is_away_a_process_counts_for_itself(tmp_path: Any) -> None:
    away = SharedCache(
        f"redis+socket://{tmp_path}/redis.sock", {"OPTIONS": {"serializer": "licensing.shared_cache.Plain"}}
    )
    assert count(away, "alone") == [1.5]
    assert count(away, "alone") == [1.5, 1.5]
    assert (away.add("alone", 1), away.delete("alone")) == (False, True)
