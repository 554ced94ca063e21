"""The boto3 that is shipped: trimmed to the operations that functions call, which it knows as the whole one does."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.regions import EndpointResolver

from local.stack.sam import machine_architecture
from local.stack.template import ROOT
from tests.support.builds import Builds
from tests.support.some import some

WHOLE = Path(botocore.__file__).parent / "data"
CODE = [path.read_text() for folder in ("layers/shared", "functions") for path in (ROOT / folder).rglob("*.py")]
CALLED = {service for text in CODE for service in re.findall(r'boto3\.client,? ?\(?"(\w+)"', text)}
METHODS = {method for text in CODE for method in re.findall(r"\.([a-z_]+)\(", text)}
"""All that is called of anything, whatever it is called by."""


@pytest.fixture(scope="module")
def trimmed(builds: Builds) -> Path:
    """The data of the botocore that is shipped."""
    return builds.layer("DependenciesLayer", machine_architecture()) / "python" / "botocore" / "data"


def _loader(folder: Path) -> Loader:
    return Loader(extra_search_paths=[str(folder)], include_default_search_paths=False)


def _called(service: str, model: ServiceModel) -> set[str]:
    """The operations of a service that the code calls, by the names of a client's methods."""
    return {name for name in model.operation_names if service in CALLED and xform_name(name) in METHODS}


def _shapes(described: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What matters of some shapes: all but the prose, a member's own included."""
    told = json.loads(json.dumps({name: described["shapes"][name] for name in names}))
    for shape in told.values():
        for part in (shape, *shape.get("members", {}).values(), *(shape.get(name, {}) for name in ("member", "key"))):
            part.pop("documentation", None)
        shape.get("value", {}).pop("documentation", None)
    return told  # type: ignore[no-any-return]


def _reached(model: ServiceModel, operation: str) -> set[str]:
    """The names of all shapes that an operation takes, answers with and fails with, at every depth."""
    named = model.operation_model(operation)
    found, waiting = set(), [named.input_shape, named.output_shape, *named.error_shapes]
    while waiting:
        shape = waiting.pop()
        if shape is not None and shape.name not in found:
            found.add(shape.name)
            parts = [getattr(shape, part, None) for part in ("member", "key", "value")]
            waiting += [*getattr(shape, "members", {}).values(), *(part for part in parts if isinstance(part, Shape))]
    return found


def test_services(trimmed: Path) -> None:
    """Every service that a function calls is there, and no other one."""
    assert _loader(trimmed).list_available_services("service-2") == sorted(CALLED)


@pytest.mark.parametrize("service", sorted(CALLED))
def test_a_service_is_as_it_was(trimmed: Path, service: str) -> None:
    """Of a service the operations that are called are there, with all shapes they lead to, and its endpoints' rules."""
    whole, shipped = (_loader(folder).load_service_model(service, "service-2") for folder in (WHOLE, trimmed))
    rules = [_loader(folder).load_service_model(service, "endpoint-rule-set-1") for folder in (WHOLE, trimmed)]

    model, trimmed_model = ServiceModel(whole, service), ServiceModel(shipped, service)
    called = _called(service, model)

    assert set(trimmed_model.operation_names) == called
    assert _shapes(shipped, shipped["shapes"]) == _shapes(whole, shipped["shapes"])
    assert {name: _reached(trimmed_model, name) for name in called} == {name: _reached(model, name) for name in called}
    assert {**shipped["metadata"]} == {**whole["metadata"]}
    assert rules[0] == rules[1]
    assert len(json.dumps(shipped)) < len(json.dumps(whole)) * 0.1


@pytest.mark.parametrize("service", sorted(CALLED))
def test_endpoints(trimmed: Path, service: str) -> None:
    """A service has the same endpoint in every region of every partition."""
    whole, shipped = (EndpointResolver(_loader(folder).load_data("endpoints")) for folder in (WHOLE, trimmed))
    regions = [
        region
        for partition in whole.get_available_partitions()
        for region in (*whole.get_available_endpoints(service, partition), "us-new-1")
    ]

    assert len(regions) > 40
    for region in some(regions):
        assert shipped.construct_endpoint(service, region) == whole.construct_endpoint(service, region), region


def test_the_whole_one_is_left_alone(trimmed: Path) -> None:
    """A build changes copies: the boto3 of this environment still knows the services that are trimmed away."""
    assert not (trimmed / "s3").exists()
    assert "s3" in boto3.Session().get_available_services()
    assert "s3" in json.dumps(json.loads((WHOLE / "endpoints.json").read_text())["partitions"][0]["services"]["s3"])
