"""What a step of the set-up found or did."""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """What became of a thing that a step looks after."""

    CREATED = "created"
    THERE = "already there"
    CHANGED = "changed"
    SKIPPED = "skipped"
    LEFT = "left for you"
    """The program cannot or must not do it; the text says how you do."""

    @property
    def as_planned(self) -> str:
        """The words for it in a dry run."""
        return {State.CREATED: "would be created", State.CHANGED: "would be changed"}.get(self, self.value)


class Found(NamedTuple):
    """One thing, and what became of it."""

    state: State
    text: str
