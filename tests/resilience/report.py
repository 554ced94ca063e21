"""The table of the crash matrix in docs/reliability.md: written by `make crash-matrix`, compared by its test.

python -m tests.resilience.report
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

from local.stack.template import ROOT
from local.stigg_emulator.hosting import running_emulator
from tests.resilience.matrix import RECOVERIES, Matrix, Outcome, Place
from tests.resilience.scenarios import SCENARIOS, Scenario
from tests.resilience.stage import PassingClock, Stage
from tests.support.aws import AwsInProcess
from tests.support.harness import running_harness
from tests.support.tables import fresh_tables

DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- written by make crash-matrix: begin -->", "<!-- end -->"
HEAD = "| killed | call | the caller repeats | no repeat | both at once |\n|---|---|---|---|---|"

type Rows = dict[Place, dict[str, str]]


def documented(scenario: Scenario) -> Rows:
    """Return what the document says of a scenario: for each place the word of each recovery."""
    _, _, rest = DOCUMENT.read_text().partition(f"### {scenario.name}\n")
    lines = [line.strip("| ").split(" | ") for line in rest.partition("\n#")[0].splitlines() if line.startswith("| ")]
    return dict(_read(cells) for cells in lines if len(cells) == len(RECOVERIES) + 2 and cells[0] != "killed")


def word(outcome: Outcome) -> str:
    """Return what stands in the table: what came of a cell, where that does not depend on who was faster."""
    return outcome.problem or ("one effect" if outcome.recovery == "both" else outcome.word)


def _read(cells: list[str]) -> tuple[Place, dict[str, str]]:
    moment, number = cells[0].split()
    place = Place(int(number) - 1, cells[1].strip("`"), moment == "after")
    return place, dict(zip(RECOVERIES, cells[2:], strict=True))


def rows(outcomes: Iterable[Outcome]) -> Rows:
    """Return what stands in the table of these outcomes."""
    found: Rows = defaultdict(dict)
    for outcome in outcomes:
        found[outcome.place][outcome.recovery] = word(outcome)
    return found


def _table(matrix: Matrix, scenario: Scenario) -> Iterator[str]:
    yield f"### {scenario.name}\n\n{HEAD}"
    for place, words in rows(matrix.outcomes(scenario)).items():
        moment = "after" if place.after else "before"
        yield f"| {moment} {place.number + 1} | `{place.call}` | {' | '.join(words[one] for one in RECOVERIES)} |"
    yield ""


def main() -> None:
    """Run every cell, print the table and put it into the document."""
    with ExitStack() as resources:
        aws = AwsInProcess()
        tables = resources.enter_context(fresh_tables(aws))
        stigg = resources.enter_context(running_emulator())
        harness = resources.enter_context(running_harness(aws, tables, stigg, clock=PassingClock()))
        matrix = Matrix(Stage(harness))
        table = "\n".join(line for scenario in SCENARIOS for line in _table(matrix, scenario))
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{rest.partition(END)[2]}")
    print(table)  # noqa: T201 - what it is run for


if __name__ == "__main__":
    main()
