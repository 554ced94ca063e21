"""How many instructions a start and a call take:  make bench-instructions (needs valgrind).

Unlike time, the count is the same whatever else the machine does. Counted are the interpreter, the import of the
handler by the Lambda runtime client, and calls of it; not the runtime client's own exchange with Lambda.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.variants import ACTION, FLOOR, SDK, WITH_POWERTOOLS, Variant, customers, event, variants
from local.stack import local_stack

PROGRAM = Path(__file__).parent / "counted.py"
CALLS = (0, 1, 2, 22)
"""Ready, answered; and from 2 to 22 the calls that are warm."""
BESIDE = (FLOOR, SDK, WITH_POWERTOOLS, ACTION)


def main() -> None:
    """Count, and print a table of millions of instructions."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        sys.exit("valgrind is not installed. On Debian: apt-get install valgrind")
    with local_stack() as stack, tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as both_cores:
        compared = [one for one in variants(stack, Path(folder)) if one.name in BESIDE]
        names = customers(stack, sum(CALLS) * len(compared))
        runs = [(valgrind, one, _events(names, calls)) for one in compared for calls in CALLS]
        counts = list(both_cores.map(lambda run: _counted(*run), runs))
    _print({one.name: counts[len(CALLS) * number :][: len(CALLS)] for number, one in enumerate(compared)})


def _events(names: Iterator[str], calls: int) -> list[str]:
    return [next(names) for _ in range(calls)]


def _counted(valgrind: str, variant: Variant, names: list[str]) -> float:
    """Return the millions of instructions that a process takes for these customers.

    Raises:
        RuntimeError: a call failed.
    """
    command = [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", sys.executable]
    program = [*command, "-S", "-B", str(PROGRAM), variant.handler, *map(str, variant.path)]
    told = "\n".join(json.dumps(event(name)) for name in names)
    environment = {**variant.environment, "PYTHONHASHSEED": "0"}
    done = subprocess.run(program, env=environment, input=told, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode != 0 or found is None:
        raise RuntimeError(done.stderr)
    return int(found[1].replace(",", "")) / 1e6


def _print(counts: dict[str, list[float]]) -> None:
    floor, sdk, powertools = (counts[name] for name in BESIDE[:3])
    titles = "".join(f"{title:>13}" for title in ("x floor", "x SDK", "x Powertools"))
    print(f"{'millions of instructions':28}{'ready':>8}{'answered':>10}{titles}{'a warm call':>13}{'over floor':>12}")
    for name, (ready, answered, *warm) in counts.items():
        ratios = "".join(f"{answered / other[1]:13.2f}" for other in (floor, sdk, powertools))
        call, of_floor = ((some[1] - some[0]) / (CALLS[3] - CALLS[2]) for some in (warm, floor[2:]))
        print(f"{name:28}{ready:8.0f}{answered:10.0f}{ratios}{call:13.1f}{call - of_floor:12.1f}")


if __name__ == "__main__":
    main()
