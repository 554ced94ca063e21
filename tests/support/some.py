"""Loops that assert something need something to loop over."""

from collections.abc import Iterable


def some[Item](items: Iterable[Item]) -> list[Item]:
    """Return the items, of which there must be at least one."""
    found = list(items)

    assert found, "there is nothing here to make assertions about"
    return found
