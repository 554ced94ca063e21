"""Find all possible changes of the deployed code, and make one of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import override

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from scripts.mutants.operators import is_left_alone, replacements

SHARED = Path("layers/shared/stigg_actions")
PLACES = (SHARED, Path("functions"))
"""The folders of the deployed code in the tree."""


@dataclass(frozen=True)
class Candidate:
    """A possible change: its place in a module, and its number."""

    module: Path
    """The path relative to the tree."""
    lines: range
    """The lines of the changed statement or of its head."""
    function: str
    """The name of the surrounding function; empty outside functions."""
    number: int
    """The number among the candidates of its module."""

    @property
    def package(self) -> str:
        """The package in whose score it counts: a folder of the shared package, ``core`` or ``functions``."""
        if not self.module.is_relative_to(SHARED):
            return self.module.parts[0]
        inside = self.module.relative_to(SHARED)
        return inside.parts[0] if len(inside.parts) > 1 else "core"


@dataclass(frozen=True)
class Mutant:
    """A changed module: its text, and the first line that differs."""

    candidate: Candidate
    text: str
    before: str
    after: str


def modules(tree: Path) -> list[Path]:
    """Return the modules of the deployed code, relative to the tree, in a fixed order."""
    return sorted(path.relative_to(tree) for place in PLACES for path in (tree / place).rglob("*.py"))


def candidates(tree: Path, chosen: Iterable[Path]) -> Iterator[Candidate]:
    """Yield every change that can be made to the chosen modules."""
    for module in chosen:
        for number, (lines, function, _, _) in enumerate(_changes_of((tree / module).read_text()).found):
            yield Candidate(module, lines, function, number)


def mutant(tree: Path, candidate: Candidate) -> Mutant:
    """Return the changed module."""
    text = (tree / candidate.module).read_text()
    changes = _changes_of(text)
    _, _, node, replacement = changes.found[candidate.number]
    changed = changes.module.deep_replace(node, replacement)
    changed_text = changed.code if isinstance(changed, cst.Module) else ""
    before, after = _first_difference(text, changed_text)
    return Mutant(candidate, changed_text, before, after)


@lru_cache(maxsize=1)  # most changes come after another one of the same module
def _changes_of(text: str) -> "_Changes":
    wrapper = MetadataWrapper(cst.parse_module(text))
    changes = _Changes(wrapper.module)
    wrapper.visit(changes)
    return changes


class _Changes(cst.CSTVisitor):
    """Collects the possible changes of a module."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, module: cst.Module) -> None:
        super().__init__()
        self.module = module
        self.found: list[tuple[range, str, cst.CSTNode, cst.CSTNode]] = []
        self._names: list[str] = []
        self._targets: set[cst.CSTNode] = set()
        self._statement: range | None = None

    @override
    def on_visit(self, node: cst.CSTNode) -> bool:
        if is_left_alone(node) or node in self._targets:
            return False
        self._enter(node)
        for replacement in replacements(node):
            self.found.append((self._statement or self._lines(node), self._function(), node, replacement))
        if isinstance(node, cst.ClassDef):  # its bases are types
            node.body.visit(self)
            return False
        return True

    @override
    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._names.pop()
        elif isinstance(original_node, cst.SimpleStatementLine):
            self._statement = None

    def _enter(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.FunctionDef):
            self._names.append(f"{node.name.value}()")
        elif isinstance(node, cst.ClassDef):
            self._names.append(node.name.value)
        elif isinstance(node, cst.SimpleStatementLine):
            self._statement = self._lines(node)
        elif isinstance(node, cst.For | cst.CompFor):
            self._targets.add(node.target)

    def _function(self) -> str:
        return ".".join(self._names) if any(name.endswith("()") for name in self._names) else ""

    def _lines(self, node: cst.CSTNode) -> range:
        place = self.get_metadata(PositionProvider, node)
        return range(place.start.line, place.end.line + 1)


def _first_difference(before: str, after: str) -> tuple[str, str]:
    """Return the first line that differs, as it was and as it is."""
    lines = zip(before.splitlines(), [*after.splitlines(), ""], strict=False)
    before_line, after_line = next((pair for pair in lines if pair[0] != pair[1]), ("", ""))
    return before_line.strip(), after_line.strip()
