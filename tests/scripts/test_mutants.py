"""make mutants: which changes are made on purpose, which tests are run for them, and what is reported."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.mutants import equivalent
from scripts.mutants.candidates import Candidate, Mutant, candidates, modules, mutant
from scripts.mutants.equivalent import Equivalent, equivalents, is_equivalent
from scripts.mutants.relevant import Recording, Relevance
from scripts.mutants.report import report
from scripts.mutants.trees import changed
from scripts.mutants.trials import Trial
from tests.support.some import some

SHARED = Path("layers/shared/stigg_actions")
ROOT = Path(__file__).parents[2]


def written(tree: Path, name: str, text: str) -> Path:
    """Write a module of the shared package into a tree; return its path in the tree."""
    module = SHARED / name
    (tree / module).parent.mkdir(parents=True, exist_ok=True)
    (tree / module).write_text(text)
    return module


def becomes(tree: Path, text: str) -> set[str]:
    """Return what the line that differs becomes, for every change that can be made to a module."""
    module = written(tree, "one.py", text)
    return {mutant(tree, candidate).after for candidate in candidates(tree, [module])}


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("a < b", {"a <= b"}),
        ("a >= b", {"a > b"}),
        ("a == b", {"a != b"}),
        ("a in b", {"a not in b"}),
        ("a is not None", {"a is None"}),
        ("a and b", {"a or b"}),
        ("not a", {"(a)"}),
        ("a + b", {"a - b"}),
        ("a | b", {"a", "b"}),
        ("limit = 10", {"limit = 11", "limit = 9"}),
        ("limit = 0", {"limit = 1", "limit = (-1)"}),
        ("done = True", {"done = False"}),
        ("kind = 'grant'", {"kind = 'XXgrant'"}),
        ("message = 'Nothing was done.'", set()),
        ("b if a else c", {"b if True else c", "b if False else c"}),
        ("[x for x in xs if x]", {"[x for x in xs if True]", "[x for x in xs if False]"}),
        ("while a: b = c", {"while False: b = c"}),
        ("raise LaterError", {"pass"}),
        ("record()", {"pass"}),
        ("total += a", {"pass"}),
        ("fail(error, trace=trace)", {"fail(error, trace=None)", "pass"}),
        ("max(a, key=b)", {"min(a, key=b)", "max(a, key=None)", "pass"}),
        ("with suppress(A, B): x = y", {"with suppress(B): x = y", "with suppress(A, ): x = y"}),
        ("x = {'a': b, **c}", {"x = {'XXa': b, **c}", "x = {**c}", "x = {'a': b, }"}),
        ("x = {a, b}", {"x = {b}", "x = {a, }"}),
        ("def f(a: int = 1): return a", {"def f(a: int = 2): return a", "def f(a: int = 0): return a"}),
        ("for a, b in c: d = a", set()),
        ("x: Literal['a'] | None = y", set()),
        ("type X = Literal['a', 'b']", set()),
        ("x = cast('Any', y)", set()),
        ("class A(B[int, 'C']): x = y", set()),
        ("if TYPE_CHECKING: record()", set()),
        ("Field(description='a', ge=1)", {"Field(description='a', ge=2)", "Field(description='a', ge=0)",
                                          "Field(description='a', ge=None)", "pass"}),
    ],
)  # fmt: skip
def test_changes(tmp_path: Path, text: str, changes: set[str]) -> None:
    """Each kind of place is changed in the ways in which people go wrong; prose and types are left alone."""
    assert becomes(tmp_path, text) == changes


def test_a_return(tmp_path: Path) -> None:
    """A function returns None instead of its value; what returns none already stays."""
    assert becomes(tmp_path, "def f(a):\n    return a\n") == {"return None"}
    assert becomes(tmp_path, "def f(a):\n    return\n") == becomes(tmp_path, "def f(a):\n    return None\n") == set()


def test_statements(tmp_path: Path) -> None:
    """An exception that is no longer caught, and a case that is gone, are changes; so are break and continue."""
    caught = "try:\n    x = y\nexcept KeyError:\n    x = z\n"
    cases = "match x:\n    case A():\n        y = z\n    case B():\n        y = x\n"

    assert becomes(tmp_path, caught) == {"except ():"}
    assert {len(changed_text(tmp_path, cases, number).splitlines()) for number in range(2)} == {3}
    assert becomes(tmp_path, "for a in b:\n    break\n") == {"pass"}


def changed_text(tree: Path, text: str, number: int) -> str:
    """Return what one of the changes makes of a module."""
    module = written(tree, "one.py", text)
    return mutant(tree, [*candidates(tree, [module])][number]).text


def test_what_holds_it(tmp_path: Path) -> None:
    """A change knows the lines of its statement, the function around it, and its package."""
    text = "LIMIT = 5\n\n\nclass A:\n    size = 5\n\n    def f(self):\n        return g(\n            5,\n        )\n"
    module = written(tmp_path, "webhooks/one.py", text)
    found = [*candidates(tmp_path, [module])]

    assert {(one.function, one.lines) for one in found if one.function} == {("A.f()", range(8, 11))}
    assert {one.lines for one in found if not one.function} == {range(1, 2), range(5, 6)}
    assert {one.package for one in found} == {"webhooks"}
    assert Candidate(SHARED / "once.py", range(1), "", 0).package == "core"
    assert Candidate(Path("functions/get_batch/app.py"), range(1), "", 0).package == "functions"


def test_the_project_itself() -> None:
    """Every module of the deployed code can be changed, in thousands of ways, each of which is Python."""
    chosen = [module for module in modules(ROOT) if module.parts[-2] == "webhooks"]
    found = [*candidates(ROOT, chosen)]

    assert len(found) > 100
    for candidate in some(found[::25]):
        compile(mutant(ROOT, candidate).text, str(candidate.module), "exec")
        assert mutant(ROOT, candidate).before != mutant(ROOT, candidate).after


def recording(folder: Path, *lines: dict[str, Any]) -> Recording:
    """Return what two processes have recorded."""
    for number, line in enumerate(lines):
        with (folder / f"gw{number % 2}.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
    return Recording.read(folder)


def ran(test: str, seconds: float, *lines: tuple[str, int]) -> dict[str, Any]:
    """Return what is recorded of a test."""
    return {"test": test, "seconds": seconds, "lines": [[str(SHARED / module), line] for module, line in lines]}


def test_relevant_tests(tmp_path: Path) -> None:
    """Those that run a line of the statement: of each file the fastest one first, then its second one."""
    used = written(tmp_path, "used.py", "LIMIT = 5\n\n\ndef f(a):\n    return a\n")
    user = written(tmp_path, "user.py", "from stigg_actions.used import LIMIT\n")
    far = written(tmp_path, "far.py", "import json\n")
    recorded = recording(
        tmp_path,
        ran("a.py::slow", 3.0, ("used.py", 5)),
        ran("a.py::fast", 1.0, ("used.py", 5), ("user.py", 9)),
        ran("b.py::middle", 2.0, ("used.py", 5)),
        ran("c.py::of-the-user", 0.5, ("user.py", 9)),
        ran("d.py::of-another", 0.1, ("far.py", 1)),
    )
    relevance = Relevance(tmp_path, [used, user, far], recorded)

    inside = relevance.tests(Candidate(used, range(5, 6), "f()", 0))
    outside = relevance.tests(Candidate(used, range(1, 2), "", 0))

    assert inside == ["a.py::fast", "b.py::middle", "a.py::slow"]
    assert outside == ["c.py::of-the-user", "a.py::fast", "b.py::middle", "a.py::slow"]


def test_a_module_that_is_changed_for_a_while(tmp_path: Path) -> None:
    """The change is there as long as the block runs, whatever ends it."""
    module = written(tmp_path, "one.py", "x = 1\n")

    def fail() -> None:
        with changed(tmp_path, module, "x = 2\n"):
            assert (tmp_path / module).read_text() == "x = 2\n"
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (tmp_path / module).read_text() == "x = 1\n"


def made(name: str, before: str = "a", after: str = "b") -> Mutant:
    """Return a change of a module."""
    return Mutant(Candidate(SHARED / name, range(7, 8), "f()", 0), "", before, after)


def test_equivalent_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change that was judged to be none is known by its module and by its line before and after."""
    known = {Equivalent(str(SHARED / "one.py"), "a", "b"): "because"}

    assert is_equivalent(made("one.py"), known)
    assert not is_equivalent(made("one.py", after="c"), known)
    assert not is_equivalent(made("two.py"), known)
    assert (capsys.readouterr().out, list(tmp_path.iterdir())) == ("", [])


def is_named(candidate: Candidate, known: Mapping[Equivalent, str]) -> bool:
    """Whether an entry names a line of the statement: to make every change of a module takes minutes."""
    source = (ROOT / candidate.module).read_text().splitlines()
    lines = {source[number - 1].strip() for number in candidate.lines}
    return any(entry.module == str(candidate.module) and entry.before in lines for entry in known)


def test_the_equivalent_ones_are_there() -> None:
    """Each entry names a change that can still be made, and gives a reason."""
    known = equivalents()
    chosen = sorted({Path(entry.module) for entry in known})
    possible = [mutant(ROOT, candidate) for candidate in candidates(ROOT, chosen) if is_named(candidate, known)]

    assert [entry for entry in known if not any(is_equivalent(one, {entry: ""}) for one in possible)] == []
    assert all(len(reason) > 20 for reason in some(known.values()))
    assert equivalent.FILE.is_file()


def test_report() -> None:
    """The score is the part that was noticed, by package; what was not is shown with the change."""
    trials = [
        Trial(made("one.py"), "tests/a.py::test", 5),
        Trial(made("one.py"), "tests/a.py::test", 5),
        Trial(made("one.py", "before", "after"), None, 9),
        Trial(made("webhooks/two.py"), "tests/a.py::test", 5),
    ]

    lines = report(trials).splitlines()

    assert lines[0] == f"not noticed by 9 tests: {SHARED}/one.py:7 f()"
    assert lines[1:3] == ["    before = 'before'", "    after  = 'after'"]
    assert [line.split() for line in lines[-3:]] == [
        ["core", "2", "1", "0", "66.7", "%"],
        ["webhooks", "1", "0", "0", "100.0", "%"],
        ["all", "3", "1", "0", "75.0", "%"],
    ]
