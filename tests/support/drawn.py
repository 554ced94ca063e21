"""Values drawn once in a test process, for tests of which each would draw the same ones."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st


@cache
def drawn[Value](values: st.SearchStrategy[Value], examples: int) -> list[Value]:
    """Return so many examples of a strategy. Who shares them must not change them."""
    found: list[Value] = []

    @settings(max_examples=examples)
    @given(values)
    def take(value: Value) -> None:
        found.append(value)

    take()
    return found
