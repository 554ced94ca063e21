"""Report a run: the changes that no test noticed, and the score of each package."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scripts.mutants.equivalent import equivalents, is_equivalent
from scripts.mutants.trials import Trial


@dataclass
class Score:
    """The number of changes in a package, by result."""

    noticed: int = 0
    missed: int = 0
    equivalent: int = 0

    @property
    def percent(self) -> str:
        """The share of changes that was noticed, without equivalent ones."""
        judged = self.noticed + self.missed
        return f"{100 * self.noticed / judged:.1f} %" if judged else "-"


def report(trials: Sequence[Trial]) -> str:
    """Return the whole report."""
    known = equivalents()
    missed = [trial for trial in trials if trial.noticed_by is None and not is_equivalent(trial.mutant, known)]
    lines = [*(_shown(trial) for trial in missed), "", *_table(_scores(trials, missed))]
    return "\n".join(lines)


def place(trial: Trial) -> str:
    """Return the place of the change."""
    candidate = trial.mutant.candidate
    return f"{candidate.module}:{candidate.lines.start}"


def _shown(trial: Trial) -> str:
    """Return the information for writing the missing test."""
    return (
        f"not noticed by {trial.tests} tests: {place(trial)} {trial.mutant.candidate.function}\n"
        f"    before = {trial.mutant.before!r}\n"
        f"    after  = {trial.mutant.after!r}"
    )


def _scores(trials: Iterable[Trial], missed: Sequence[Trial]) -> dict[str, Score]:
    scores: defaultdict[str, Score] = defaultdict(Score)
    for trial in trials:
        for name in (trial.mutant.candidate.package, "all"):
            score = scores[name]
            score.noticed += trial.noticed_by is not None
            score.missed += trial in missed
            score.equivalent += trial.noticed_by is None and trial not in missed
    return {name: scores[name] for name in sorted(scores, key=lambda name: (name == "all", name))}


def _table(scores: dict[str, Score]) -> Iterator[str]:
    yield f"{'package':<10} {'noticed':>8} {'missed':>8} {'equivalent':>11} {'score':>8}"
    for name, score in scores.items():
        yield f"{name:<10} {score.noticed:>8} {score.missed:>8} {score.equivalent:>11} {score.percent:>8}"
