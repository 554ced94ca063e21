"""Changes that are none: the code does the same after them, as far as anybody could see. Judged by people, one by one.

``equivalent.toml`` names each by its module, the line before and after, and the reason why no test can notice it.
"""

import tomllib
from pathlib import Path
from typing import NamedTuple

from scripts.mutants.candidates import Mutant

FILE = Path(__file__).with_name("equivalent.toml")


class Equivalent(NamedTuple):
    """One of them."""

    module: str
    before: str
    after: str


def equivalents() -> dict[Equivalent, str]:
    """Return all, with the reason of each."""
    entries = tomllib.loads(FILE.read_text())["equivalent"]
    return {Equivalent(entry["module"], entry["before"], entry["after"]): entry["why"] for entry in entries}


def is_equivalent(mutant: Mutant, known: dict[Equivalent, str]) -> bool:
    """Whether a change was judged to be one of them."""
    return Equivalent(mutant.candidate.module.as_posix(), mutant.before, mutant.after) in known
