"""Every write, killed before and after every one of its network calls; then repeated, reconciled, or both at once."""

import pytest

from tests.resilience.matrix import Matrix
from tests.resilience.report import documented, rows
from tests.resilience.scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_killed_anywhere(matrix: Matrix, scenario: Scenario) -> None:
    """Wherever the process dies: one effect after the repeat, at most one before it, and tables that say which."""
    outcomes = list(matrix.outcomes(scenario))
    failed = [str(outcome) for outcome in outcomes if outcome.problem]

    assert not failed, "\n".join(failed)
    assert rows(outcomes) == documented(scenario), "docs/reliability.md tells something else: make crash-matrix"
