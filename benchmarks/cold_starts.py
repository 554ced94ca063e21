"""What a start and a call cost, under the real Lambda runtime client:  make bench-cold.

Every function beside the floor (httpx, pydantic, one boto3 client) and beside the same action written with the
official Stigg SDK. `ready` is from the start of the process to the moment it asks for its first event; `answered` goes
on to its first answer, every network call to the stand-ins for AWS and Stigg included. Variants take turns, round by
round; told are medians, and ratios of processor time for starts, which other programs disturb less. `clients made` is
the same function with its clients made at import, as the floor makes its own.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from benchmarks.runtime import Started, started
from local.stack import LocalStack, local_stack
from local.stack.template import ROOT, functions

LAMBDA_BRINGS = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
RUNTIME_CLIENT = ("awslambdaric", "runtime_client*.so", "simplejson", "snapshot_restore_py.py")
SITE = Path(boto3.__file__).parents[1]
HANDLERS = ROOT / "benchmarks" / "handlers"
ACTION = "create-subscription"
WARM_CALLS, FIRST_CALLS = 40, 10


@dataclass
class Variant:
    """One way to be started, and what was measured of it, in ms and MiB."""

    name: str
    handler: str
    path: list[Path]
    calls: bool = False
    ready: list[float] = field(default_factory=list)
    start_cpu: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)


def main() -> None:
    """Measure, and print a table of starts and one of calls."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_starts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="samples of each variant (11)")
    rounds = parser.parse_args().rounds
    with local_stack() as stack, tempfile.TemporaryDirectory() as folder:
        variants = list(_variants(stack, Path(folder)))
        environment = _environment(stack)
        customers = _customers(stack, (rounds + 1) * (1 + FIRST_CALLS + WARM_CALLS) * 4)
        for number in range(rounds + 1):  # the first one warms up the page cache
            for variant in variants:
                _sample(variant, environment, customers, keep=number > 0)
    _print(variants, rounds)


def _variants(stack: LocalStack, folder: Path) -> Iterator[Variant]:
    layers = [stack.built_template.parent / layer / "python" for layer in ("DependenciesLayer", "SharedLayer")]
    uncompiled = [_without_bytecode(layer, folder / str(number)) for number, layer in enumerate(layers)]
    runtime = _linked(folder / "runtime", (*LAMBDA_BRINGS, *RUNTIME_CLIENT))
    ours = ROOT / "functions" / ACTION.replace("-", "_")
    yield Variant("floor", "floor.handler", [HANDLERS, layers[0], runtime], calls=True)
    yield Variant(ACTION, "app.handler", [ours, *layers, runtime], calls=True)
    sdk = _linked(folder / "sdk", ("stigg", "distro", "sniffio"))
    yield Variant("with the Stigg SDK", "sdk.handler", [HANDLERS, sdk, layers[0], runtime], calls=True)
    yield Variant(f"{ACTION}, clients made", "ready.handler", [HANDLERS, ours, *layers, runtime], calls=True)
    yield Variant(f"{ACTION}, no bytecode", "app.handler", [ours, *uncompiled, runtime])
    for action in functions():
        if action != ACTION:
            yield Variant(action, "app.handler", [ROOT / "functions" / action.replace("-", "_"), *layers, runtime])


def _without_bytecode(layer: Path, folder: Path) -> Path:
    shutil.copytree(layer, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _linked(folder: Path, packages: tuple[str, ...]) -> Path:
    folder.mkdir()
    for package in packages:
        for found in SITE.glob(package):
            (folder / found.name).symlink_to(found)
    return folder


def _environment(stack: LocalStack) -> dict[str, str]:
    """Return what the deployed function is told, and where the stand-in for AWS is."""
    client = boto3.client("lambda", **stack.ministack.client_settings())
    name = stack.endpoints.functions[ACTION]
    told = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return {
        **told,
        "AWS_ENDPOINT_URL": stack.endpoints.aws,
        "AWS_ACCESS_KEY_ID": stack.endpoints.root_access_key_id,
        "AWS_SECRET_ACCESS_KEY": stack.endpoints.root_secret_access_key,
        "AWS_DEFAULT_REGION": stack.endpoints.region,
        "AWS_REGION": stack.endpoints.region,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    }


def _customers(stack: LocalStack, count: int) -> Iterator[str]:
    """Make customers beyond all rate limits, as a person would; a subscription each is what a limit allows."""
    for number in range(count):
        stack.stigg.by_hand("POST", "/api/v1/customers", {"id": f"cust-{number}", "name": "Customer"})
        if number % 200 == 0:
            stack.stigg.advance(61)  # so that no limit of a minute is met
        yield f"cust-{number}"


def _sample(variant: Variant, environment: Mapping[str, str], customers: Iterator[str], *, keep: bool) -> None:
    with started(variant.handler, variant.path, environment) as function:
        start_cpu = function.cpu_seconds()
        answered = function.ready_seconds + function.invoke(_event(next(customers))) if variant.calls else 0.0
        if keep:
            variant.ready.append(function.ready_seconds * 1000)
            variant.start_cpu.append(start_cpu * 1000)
            variant.answered.append(answered * 1000)
            variant.peak.append(function.peak_mib())
        if keep and variant.calls:
            variant.cpu.append(_warm_cpu(function, customers))


def _warm_cpu(function: Started, customers: Iterator[str]) -> float:
    """Return the processor time of a warm call, in ms."""
    for _ in range(FIRST_CALLS):
        function.invoke(_event(next(customers)))
    before = function.cpu_seconds()
    for _ in range(WARM_CALLS):
        function.invoke(_event(next(customers)))
    return (function.cpu_seconds() - before) * 1000 / WARM_CALLS


def _event(customer_id: str) -> dict[str, Any]:
    terms = {"planId": "plan-growth", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE"}
    return {"customerId": customer_id, **terms}


def _print(variants: list[Variant], rounds: int) -> None:
    floor, sdk = variants[0], variants[2]
    print(f"{rounds} rounds, medians (lowest to highest)\n")
    print(f"{'':42} {'ready, ms':>24} {'its CPU':>8} {'x floor':>8} {'x SDK':>6} {'MiB':>5}")
    for one in variants:
        ratios = _ratios(one.start_cpu, floor.start_cpu, sdk.start_cpu)
        print(f"{one.name:42} {_spread(one.ready):>24} {_median(one.start_cpu):>8} {ratios} {_median(one.peak):>5}")
    told = f"{'answered, ms':>26} {'x floor':>8} {'x SDK':>6} {'CPU of a warm call':>20} {'over the floor':>15}"
    print(f"\n{ACTION:42} {told}")
    for one in (one for one in variants if one.calls):
        ratios, over = _ratios(one.answered, floor.answered, sdk.answered), _middle(one.cpu) - _middle(floor.cpu)
        print(f"{one.name:42} {_spread(one.answered):>26} {ratios} {_spread(one.cpu):>20} {over:15.1f}")


def _ratios(values: list[float], *others: list[float]) -> str:
    first, second = (_middle(values) / _middle(other) for other in others)
    return f"{first:8.2f} {second:6.2f}"


def _middle(values: list[float]) -> float:
    return statistics.median(values)


def _median(values: list[float]) -> str:
    return f"{_middle(values):.0f}"


def _spread(values: list[float]) -> str:
    return f"{_middle(values):.1f} ({min(values):.1f} - {max(values):.1f})"


if __name__ == "__main__":
    main()
