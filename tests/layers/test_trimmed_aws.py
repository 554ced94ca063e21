"""The boto3 that is shipped: trimmed to the services that functions call, which it knows as the whole one does."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.regions import EndpointResolver

from local.stack.sam import machine_architecture
from local.stack.template import ROOT
from tests.support.builds import Builds

WHOLE = Path(botocore.__file__).parent / "data"
CALLED = {
    service
    for folder in ("layers/shared", "functions")
    for path in (ROOT / folder).rglob("*.py")
    for service in re.findall(r'boto3\.client,? ?\(?"(\w+)"', path.read_text())
}


@pytest.fixture(scope="module")
def trimmed(builds: Builds) -> Path:
    """The data of the botocore that is shipped."""
    return builds.layer("DependenciesLayer", machine_architecture()) / "python" / "botocore" / "data"


def _loader(folder: Path) -> Loader:
    return Loader(extra_search_paths=[str(folder)], include_default_search_paths=False)


def _shapes(described: dict[str, Any]) -> dict[str, Any]:
    """What matters of each shape: all but the prose, a member's own included."""
    told = json.loads(json.dumps(described["shapes"]))
    for shape in told.values():
        for part in (shape, *shape.get("members", {}).values(), *(shape.get(name, {}) for name in ("member", "key"))):
            part.pop("documentation", None)
        shape.get("value", {}).pop("documentation", None)
    return told  # type: ignore[no-any-return]


def test_services(trimmed: Path) -> None:
    """Every service that a function calls is there, and no other one."""
    assert _loader(trimmed).list_available_services("service-2") == sorted(CALLED)


@pytest.mark.parametrize("service", sorted(CALLED))
def test_a_service_is_whole(trimmed: Path, service: str) -> None:
    """A service has all its operations and shapes, and its rules for endpoints; only the prose is gone."""
    whole, shipped = (_loader(folder).load_service_model(service, "service-2") for folder in (WHOLE, trimmed))
    rules = [_loader(folder).load_service_model(service, "endpoint-rule-set-1") for folder in (WHOLE, trimmed)]

    assert ServiceModel(shipped, service).operation_names == ServiceModel(whole, service).operation_names
    assert _shapes(shipped) == _shapes(whole)
    assert {**shipped["metadata"]} == {**whole["metadata"]}
    assert rules[0] == rules[1]
    assert len(json.dumps(shipped)) < len(json.dumps(whole)) * 0.6


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
    for region in regions:
        assert shipped.construct_endpoint(service, region) == whole.construct_endpoint(service, region), region


def test_the_whole_one_is_left_alone(trimmed: Path) -> None:
    """A build changes copies: the boto3 of this environment still knows the services that are trimmed away."""
    assert not (trimmed / "s3").exists()
    assert "s3" in boto3.Session().get_available_services()
    assert "s3" in json.dumps(json.loads((WHOLE / "endpoints.json").read_text())["partitions"][0]["services"]["s3"])
