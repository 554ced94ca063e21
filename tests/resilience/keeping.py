"""What a deployment holds at one moment, to be put back: much faster than serving again what led to it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from local.stigg_emulator.world import World
from tests.support.harness import Harness

PASSING = {"catalog", "clock", "calls", "limits"}
"""Parts of Stigg's world that say who asked for what, and when; not what is held."""


@dataclass(frozen=True)
class Kept:
    """The items of the tables, by the tables' names; Stigg's world; and both clocks at that moment."""

    items: Mapping[str, list[dict[str, Any]]]
    world: World
    machine_time: float
    skipped: float

    def put_back(self, actions: Harness) -> None:
        """Make it that moment again: this and nothing else is held, and time goes on from there."""
        for table, items in self.items.items():
            actions.tables.put_back(table, items)
        since = _machine_time(actions) - self.machine_time
        world = _copied(self.world)
        world.clock.advance(-since)
        actions.emulator.reset()
        actions.emulator.service.gateway.enter(world)
        actions.clock.skipped = self.skipped - since

    @cached_property
    def held(self) -> str:
        """All that is held, as text: two moments with the same text differ in nothing that an action can find."""
        parts = [getattr(self.world, one.name) for one in fields(World) if one.name not in PASSING]
        return repr((self.items, parts))


def keep(actions: Harness) -> Kept:
    """Keep what is held now."""
    items = {table: actions.tables.items(table) for table in actions.tables.keys}
    world = _copied(actions.emulator.service.gateway.world)
    return Kept(items, world, _machine_time(actions), actions.clock.skipped)


def _machine_time(actions: Harness) -> float:
    return actions.clock.now() - actions.clock.skipped


def _copied(world: World) -> World:
    """Copy all but the catalog, which does not change: a new version of a plan makes another one."""
    return deepcopy(world, {id(world.catalog): world.catalog})
