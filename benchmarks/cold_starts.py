"""What a start and a call cost, under the real Lambda runtime client:  make bench-cold.

Every action beside the floor and beside the same action on the official Stigg SDK (`variants.py`). `ready` is from
the start of the process to the moment it asks for its first event; `answered` goes on to its first answer, network
calls to the stand-ins for AWS and Stigg included. Variants take turns, round by round; told are medians, and ratios of
processor time for starts, which other programs disturb less. `clients made` is the same function with its clients made
at import, as the others make theirs.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.variants import ACTION, FLOOR, SDK, WITH_POWERTOOLS, Variant, customers, event, variants
from local.lambda_runtime import Started, started
from local.stack import local_stack

WARM_CALLS, FIRST_CALLS = 40, 10
BESIDE = (FLOOR, SDK, WITH_POWERTOOLS)


@dataclass
class Samples:
    """What was measured of one variant, in ms and MiB."""

    ready: list[float] = field(default_factory=list)
    start_cpu: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    warm_cpu: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)


def main() -> None:
    """Measure, and print a table of starts and one of calls."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_starts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="samples of each variant (11)")
    rounds = parser.parse_args().rounds
    with local_stack() as stack, tempfile.TemporaryDirectory() as folder:
        measured = {one: Samples() for one in variants(stack, Path(folder))}
        names = customers(stack, (rounds + 1) * (1 + FIRST_CALLS + WARM_CALLS) * len(measured))
        for number in range(rounds + 1):  # the first one warms up the page cache
            for variant, samples in measured.items():
                _sample(variant, Samples() if number == 0 else samples, names)
    print(f"{rounds} rounds, medians (lowest to highest)\n")
    _print({variant.name: samples for variant, samples in measured.items()})


def _sample(variant: Variant, samples: Samples, names: Iterator[str]) -> None:
    with started(variant.handler, variant.path, variant.environment) as function:
        samples.ready.append(function.ready_seconds * 1000)
        samples.start_cpu.append(function.cpu_seconds() * 1000)
        if variant.calls:
            samples.answered.append((function.ready_seconds + function.invoke(event(next(names)))) * 1000)
        samples.peak.append(function.peak_mib())
        if variant.calls:
            samples.warm_cpu.append(_warm_cpu(function, names))


def _warm_cpu(function: Started, names: Iterator[str]) -> float:
    """Return the processor time of a warm call, in ms."""
    for _ in range(FIRST_CALLS):
        function.invoke(event(next(names)))
    before = function.cpu_seconds()
    for _ in range(WARM_CALLS):
        function.invoke(event(next(names)))
    return (function.cpu_seconds() - before) * 1000 / WARM_CALLS


def _print(measured: dict[str, Samples]) -> None:
    floor, *rivals = (measured[name] for name in BESIDE)
    print(f"{'':42} {'ready, ms':>24} {'its CPU':>8} {'x floor':>8} {'MiB':>5}")
    for name, one in measured.items():
        cpu, peak = (f"{statistics.median(values):.0f}" for values in (one.start_cpu, one.peak))
        print(f"{name:42} {_spread(one.ready):>24} {cpu:>8} {_ratio(one.start_cpu, floor.start_cpu):>8} {peak:>5}")
    print(f"\n{ACTION:42} {'answered, ms':>24} {'x floor':>8} {'x SDK':>6} {'x SDK, Powertools':>18} {'warm CPU':>20}")
    for name, one in ((name, one) for name, one in measured.items() if one.answered):
        beside, ours = (_ratio(one.answered, rival.answered) for rival in rivals), _ratio(one.answered, floor.answered)
        told = f"{ours:>8} {next(beside):>6} {next(beside):>18} {_spread(one.warm_cpu):>20}"
        print(f"{name:42} {_spread(one.answered):>24} {told}")


def _ratio(values: list[float], others: list[float]) -> str:
    return f"{statistics.median(values) / statistics.median(others):.2f}"


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} - {max(values):.1f})"


if __name__ == "__main__":
    main()
