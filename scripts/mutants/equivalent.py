"""Equivalent changes, after which the code behaves the same. Each was judged by a person.

``equivalent.toml`` gives the module of each, the line before and after, and the reason why no test can notice it.
"""

import tomllib
from pathlib import Path
from typing import NamedTuple

from scripts.mutants.candidates import Mutant

FILE = Path(__file__).with_name("equivalent.toml")


class Equivalent(NamedTuple):
    """An equivalent change."""

    module: str
    before: str
    after: str


def equivalents() -> dict[Equivalent, str]:
    """Return all equivalent changes with their reasons."""
    entries = tomllib.loads(FILE.read_text())["equivalent"]
    return {Equivalent(entry["module"], entry["before"], entry["after"]): entry["why"] for entry in entries}


def is_equivalent(mutant: Mutant, known: dict[Equivalent, str]) -> bool:
    """Whether a change was judged equivalent."""
    return Equivalent(mutant.candidate.module.as_posix(), mutant.before, mutant.after) in known
