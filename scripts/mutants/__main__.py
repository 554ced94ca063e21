"""Change the deployed code in one place at a time, and count the changes that a test notices:  make mutants.

    python -m scripts.mutants --seed 1 --sample 180 --package webhooks

The same seed selects the same sample of the same code.
"""

import argparse
import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from local.stack.ministack import running_ministack
from local.stack.template import ROOT
from scripts.mutants.candidates import Candidate, candidates, modules, mutant
from scripts.mutants.relevant import Recording, Relevance
from scripts.mutants.report import place, report
from scripts.mutants.trees import copied, digest
from scripts.mutants.trials import Laboratory, Trial

RECORDINGS = ROOT / ".build" / "mutants"


def main() -> int:
    """Try the changes, and print the results."""
    options = _options()
    with ExitStack() as resources:
        laboratories = [_laboratory(resources) for _ in range(options.processes)]
        recording = _recording(laboratories[0], options.processes)
        tree = laboratories[0].tree
        relevance = Relevance(tree, modules(tree), recording)
        sample = _sample(tree, options)
        print(f"{len(sample)} changes, seed {options.seed}", flush=True)
        print(report([*_trials(laboratories, sample, relevance, options.tests)]))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="seed of the sample")
    parser.add_argument("--sample", type=int, default=180, help="number of changes; 0 for all")
    parser.add_argument("--package", default="", help="core, webhooks, writes, ..., or part of a module's path")
    parser.add_argument("--tests", type=int, default=0, help="most tests to run for a change; 0 for all")
    parser.add_argument("--processes", type=int, default=2, help="number of changes to try at the same time")
    return parser.parse_args()


def _laboratory(resources: ExitStack) -> Laboratory:
    return Laboratory(resources.enter_context(copied()), resources.enter_context(running_ministack()).url)


def _recording(laboratory: Laboratory, processes: int) -> Recording:
    """Return the lines that the tests run, recorded once for each state of the project's files."""
    folder = RECORDINGS / digest()
    if not folder.exists():
        print("Running the tests to record the lines that they run ...", flush=True)
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        laboratory.record(unfinished, processes)
        unfinished.rename(folder)
    return Recording.read(folder)


def _sample(tree: Path, options: argparse.Namespace) -> Sequence[Candidate]:
    """Return a random sample of the changes."""
    all_changes = [
        candidate
        for candidate in candidates(tree, modules(tree))
        if options.package in ("", candidate.package)
        or ("/" in options.package and options.package in str(candidate.module))
    ]
    chosen = random.Random(options.seed)  # noqa: S311 - a sample, not a secret
    return chosen.sample(all_changes, min(options.sample or len(all_changes), len(all_changes)))


def _trials(
    laboratories: Sequence[Laboratory], sample: Sequence[Candidate], relevance: Relevance, most: int
) -> Iterator[Trial]:
    """Try the changes, one in each laboratory at a time, with at most the given number of tests."""
    free: SimpleQueue[Laboratory] = SimpleQueue()
    for laboratory in laboratories:
        free.put(laboratory)

    def attempt(candidate: Candidate) -> Trial:
        laboratory = free.get()
        try:
            return laboratory.attempt(mutant(laboratory.tree, candidate), relevance.tests(candidate)[: most or None])
        finally:
            free.put(laboratory)

    with ThreadPoolExecutor(len(laboratories)) as threads:
        for count, trial in enumerate(threads.map(attempt, sample), start=1):
            print(f"{count:>5} {place(trial)} {trial.noticed_by or '(not noticed)'}", flush=True)
            yield trial


if __name__ == "__main__":
    sys.exit(main())
