"""What all web processes count together: how often somebody has tried or asked. In Redis, as JSON.

While Redis is away each process counts for itself, so that nobody is shut out; nothing that is true is kept here.
"""

import json
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from licensing.local import leases
from licensing.local.servers import ServerFailed

log = structlog.get_logger(__name__)


class Plain:
    """A value as JSON: what lies in Redis is only ever read as data."""

    def dumps(self, value: Any) -> str:
        return json.dumps(value)

    def loads(self, written: bytes) -> Any:
        return json.loads(written)


class SharedCache(RedisCache):
    """Django's cache, with the operations that are used here, on the Redis of Celery's messages; `server` is as Celery writes it."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server.replace("redis+socket://", "unix://").replace("?virtual_host=", "?db="), params)
        self._alone = LocMemCache("alone", {key: value for key, value in params.items() if key != "OPTIONS"})

    def add(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._either("add", key, value, timeout, version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._either("get", key, default, version)

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._either("set", key, value, timeout, version)

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._either("delete", key, version))

    def _either(self, operation: str, *arguments: Any) -> Any:
        shared: Callable[..., Any] = getattr(super(), operation)
        try:
            if settings.ENVIRONMENT.redis_url is None:
                leases.hold(settings.SERVERS_DIR, "redis")
            return shared(*arguments)
        except (RedisError, ServerFailed) as away:
            log.warning("cache_away", error=str(away))
            return getattr(self._alone, operation)(*arguments)
