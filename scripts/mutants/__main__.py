"""Change the deployed code on purpose, one place at a time, and count the changes that a test notices:  make mutants.

    python -m scripts.mutants --seed 1 --sample 180 --package webhooks

The same seed takes the same sample of the same code.
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
    """Make the changes, try them, and print what became of them."""
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
    parser.add_argument("--seed", type=int, default=1, help="takes the same sample again")
    parser.add_argument("--sample", type=int, default=180, help="how many changes; 0 for all")
    parser.add_argument("--package", default="", help="core, webhooks, writes, ...; or a part of a module's path")
    parser.add_argument("--tests", type=int, default=0, help="how many tests are run for a change at most; 0 for all")
    parser.add_argument("--processes", type=int, default=2, help="how many are tried at the same time")
    return parser.parse_args()


def _laboratory(resources: ExitStack) -> Laboratory:
    return Laboratory(resources.enter_context(copied()), resources.enter_context(running_ministack()).url)


def _recording(laboratory: Laboratory, processes: int) -> Recording:
    """Return what the tests enter; it is recorded once for each state of the project's files."""
    folder = RECORDINGS / digest()
    if not folder.exists():
        print("Running the tests, to see which of them enter what ...", flush=True)
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        laboratory.record(unfinished, processes)
        unfinished.rename(folder)
    return Recording.read(folder)


def _sample(tree: Path, options: argparse.Namespace) -> Sequence[Candidate]:
    """Return the changes to try, those of one module together no more than chance has it."""
    found = [
        candidate
        for candidate in candidates(tree, modules(tree))
        if options.package in ("", candidate.package)
        or ("/" in options.package and options.package in str(candidate.module))
    ]
    chosen = random.Random(options.seed)  # noqa: S311 - a sample, not a secret
    return chosen.sample(found, min(options.sample or len(found), len(found)))


def _trials(
    laboratories: Sequence[Laboratory], sample: Sequence[Candidate], relevance: Relevance, most: int
) -> Iterator[Trial]:
    """Try the changes, as many at the same time as there are laboratories, each with so many tests at most."""
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
