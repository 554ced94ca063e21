"""Choose the tests that can notice a change: those that run the changed line."""

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Self

from scripts.mutants.candidates import SHARED, Candidate


class Recording(NamedTuple):
    """The lines that the tests run, as `recording` recorded them."""

    seconds: Mapping[str, float]
    by_line: Mapping[tuple[str, int], frozenset[str]]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the files of all processes."""
        seconds: dict[str, float] = {}
        by_line: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        for file in folder.glob("*.jsonl"):
            for line in map(json.loads, file.read_text().splitlines()):
                seconds[line["test"]] = line["seconds"]
                for module, number in line["lines"]:
                    by_line[module, number].add(line["test"])
        return cls(seconds, {place: frozenset(tests) for place, tests in by_line.items()})


class Relevance:
    """Chooses the tests for a change."""

    def __init__(self, tree: Path, modules: Iterable[Path], recording: Recording) -> None:
        self._tree = tree
        self._modules = [*modules]
        self._recording = recording

    def tests(self, candidate: Candidate) -> list[str]:
        """Return the tests that can notice a change: one of each file, then a second one of each, fastest first.

        Ten tests count as one in a file that is named after the module. For code that runs on import only, these are
        the tests that run any line of the module or of the modules that import it.
        """
        module, by_line = candidate.module.as_posix(), self._recording.by_line
        lines = candidate.lines if candidate.function else ()
        direct = {test for line in lines for test in by_line.get((module, line), ())}
        return self._in_turns(direct or self._of_modules(self._users(candidate.module)), candidate.module.stem)

    def _in_turns(self, tests: Iterable[str], name: str) -> list[str]:
        fastest = sorted(tests, key=lambda test: (self._recording.seconds[test], test))
        turns: Counter[str] = Counter()
        order: list[tuple[int, int, str]] = []
        for place, test in enumerate(fastest):
            file = test.partition("::")[0]
            order.append((turns[file] // 10 if name in file else turns[file], place, test))
            turns[file] += 1
        return [test for _, _, test in sorted(order)]

    def _of_modules(self, modules: Iterable[Path]) -> set[str]:
        names = {module.as_posix() for module in modules}
        return {test for (module, _), tests in self._recording.by_line.items() if module in names for test in tests}

    def _users(self, module: Path) -> set[Path]:
        """Return a module, the modules that import it, and the modules that import those."""
        users = {module}
        for _ in range(2):
            users |= {user for user, used in self._imports.items() if used & users}
        return users

    @cached_property
    def _imports(self) -> dict[Path, set[Path]]:
        return {module: set(_imported((self._tree / module).read_text())) for module in self._modules}


def _imported(text: str) -> Iterator[Path]:
    """Yield the modules of the shared package that a module imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == SHARED.name:
            base = SHARED.parent / Path(*node.module.split("."))
            yield base.with_suffix(".py")
            yield from (base / f"{alias.name}.py" for alias in node.names)
