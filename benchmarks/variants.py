"""What is compared: every action as it is deployed, and the same action as others would write it.

The floor is httpx, pydantic and one boto3 client. Both kinds with the official Stigg SDK make as many calls: one with
no more than boto3 and a logger, one with what Powertools offers for a part of what the action does: validation,
idempotency, the kept secret, metrics. All but ours run on the packages as pip installs them.
"""

import compileall
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from local.stack import LocalStack
from local.stack.template import ROOT, functions

ACTION = "create-subscription"
FLOOR, SDK, WITH_POWERTOOLS = "floor", "Stigg SDK, boto3, a logger", "Stigg SDK, Powertools"
HANDLERS = ROOT / "benchmarks" / "handlers"
SITE = Path(boto3.__file__).parents[1]
RUNTIME_CLIENT = ("awslambdaric", "runtime_client*.so", "simplejson", "snapshot_restore_py.py")
AWS = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
HTTPX = ("httpx", "httpcore", "h11", "anyio", "idna", "certifi")
PYDANTIC = ("pydantic", "pydantic_core", "annotated_types", "typing_extensions.py", "typing_inspection")
OF_THE_SDK = ("stigg", "distro", "sniffio", "aws_lambda_powertools")
OURS_ALONE = {"SSL_CERT_DIR", "AWS_CA_BUNDLE", "PYDANTIC_DISABLE_PLUGINS"}
"""Settings that make the start of our functions cheaper; others would not have them."""


@dataclass(frozen=True, eq=False)
class Variant:
    """One way to be started; ``calls``: it is create-subscription, and can be called."""

    name: str
    handler: str
    path: tuple[Path, ...]
    environment: dict[str, str]
    calls: bool = False


def variants(stack: LocalStack, folder: Path) -> list[Variant]:
    """Return the floor, the two with the SDK, and then ours; what they need besides is put into a folder."""
    layers = [stack.built_template.parent / layer / "python" for layer in ("DependenciesLayer", "SharedLayer")]
    runtime = _installed(folder / "runtime", RUNTIME_CLIENT)
    plain = _installed(folder / "plain", (*AWS, *HTTPX, *PYDANTIC, *OF_THE_SDK))
    opt = f"{layers[0].parent}/"
    told = {name: value.replace("/opt/", opt) for name, value in _environment(stack).items()}
    others = {name: value for name, value in told.items() if name not in OURS_ALONE}
    rivals = {FLOOR: "floor", SDK: "sdk", WITH_POWERTOOLS: "sdk_powertools"}
    uncompiled = [_without_bytecode(layer, folder / str(number)) for number, layer in enumerate(layers)]
    ours = ROOT / "functions" / ACTION.replace("-", "_")
    return [
        *(
            Variant(name, f"{module}.handler", (HANDLERS, plain, runtime), others, calls=True)
            for name, module in rivals.items()
        ),
        Variant(ACTION, "app.handler", (ours, *layers, runtime), told, calls=True),
        Variant(f"{ACTION}, clients made", "ready.handler", (HANDLERS, ours, *layers, runtime), told, calls=True),
        Variant(f"{ACTION}, no bytecode", "app.handler", (ours, *uncompiled, runtime), told),
        *(
            Variant(name, "app.handler", (ROOT / "functions" / name.replace("-", "_"), *layers, runtime), told)
            for name in functions()
            if name != ACTION
        ),
    ]


def customers(stack: LocalStack, count: int) -> Iterator[str]:
    """Make customers beyond all rate limits, as a person would; a subscription each is what a limit allows."""
    for number in range(count):
        stack.stigg.by_hand("POST", "/api/v1/customers", {"id": f"cust-{number}", "name": "Customer"})
        if number % 200 == 0:
            stack.stigg.advance(61)  # so that no limit of a minute is met
        yield f"cust-{number}"


def event(customer_id: str) -> dict[str, Any]:
    """Return a direct call of create-subscription."""
    terms = {"planId": "plan-growth", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE"}
    return {"customerId": customer_id, **terms}


def _without_bytecode(layer: Path, folder: Path) -> Path:
    shutil.copytree(layer, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _installed(folder: Path, packages: tuple[str, ...]) -> Path:
    """Copy packages of this environment into a folder, and compile what is there, single modules too."""
    folder.mkdir()
    for package in packages:
        for found in SITE.glob(package):
            (shutil.copytree if found.is_dir() else shutil.copy2)(found, folder / found.name)
    compileall.compile_dir(folder, quiet=2)
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
