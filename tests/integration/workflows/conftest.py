"""A leave request: an application that knows nothing of licensing and uses only the engine's public face."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from workflows import automation, engine, outbox, registry
from workflows.kernel import SYSTEM_ACTOR, Actor

LEAVE = """
key: leave
version: 1
start: balance
votes: {favor: [grant], against: [refuse]}
stages:
  balance:
    effect: check_balance
    route: {enough: review, short: refused}
  review:
    seats:
      manager: {pool: shop.managers}
      peer: {pool: shop.peers}
      desk: {pool: shop.desk}
      doctor: {pool: shop.doctors}
    decide: {rule: unanimous, on_split: against}
    route: {favor: signing, against: refused}
    clock: {limit: 5, unit: calendar_days, at_expiry: {cast: grant}}
    rfi: {to: employee, limit: 3, unit: calendar_days, at_expiry: closed, max: 50}
  signing:
    seats:
      clerk: {pool: shop.desk}
      head: {pool: shop.heads, after: clerk, not_same_person_as: [signing.clerk]}
    actions: {sign: granted, again: review}
    limits: {returned: 3, again: 3}
  granted: {end: granted}
  refused: {end: refused}
any_stage: {withdraw: refused, hold: {max: 10, unit: calendar_days}}
"""
POOLS = {
    "shop.managers": {"mia", "max"},
    "shop.peers": {"pia"},
    "shop.desk": {"dan", "hal"},
    "shop.doctors": {"doc"},
    "shop.heads": {"hal"},
}


@dataclass
class Shop:
    """The application: who is where, what the balance check says and how often it was asked."""

    pools: dict[str, set[str]] = field(default_factory=lambda: {pool: set(people) for pool, people in POOLS.items()})
    outcome: str = "enough"
    fails: int = 0
    asked: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def check_balance(self, instance_id: UUID, key: str) -> automation.Result:
        self.asked.append(key)
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the payroll office does not answer")
        return automation.Result(self.outcome)


def person(name: str) -> Actor:
    return SYSTEM_ACTOR if name == "system" else Actor(name, name.title())


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    shop = Shop()
    pools = registry.Pools()
    pools.use(lambda pool, at: frozenset(shop.pools.get(pool, ())), stewards=lambda at: frozenset({"eve", "ivo"}))
    listeners = registry.Listeners()
    listeners.register(lambda instance, events: shop.heard.extend(event.kind for event in events))
    monkeypatch.setattr(registry, "pools", pools)
    monkeypatch.setattr(registry, "listeners", listeners)
    for effects in ("_handlers", "_queues", "_mourners"):
        monkeypatch.setattr(outbox, effects, dict(getattr(outbox, effects)))  # the product's own come back afterwards
    automation.register("check_balance", shop.check_balance, "checks")
    engine.publish(LEAVE, actor=person("eve"))
    return shop
