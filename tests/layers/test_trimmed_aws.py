"""The boto3 that is shipped is trimmed to the services that functions call, which it knows as the whole one does."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest
from botocore.loaders import Loader
from botocore.regions import EndpointResolver

from local.stack.sam import machine_architecture
from local.stack.template import ROOT
from tests.support.builds import Builds
from tests.support.some import some

WHOLE = Path(botocore.__file__).parent / "data"
CODE = [path.read_text() for folder in ("layers/shared", "functions") for path in (ROOT / folder).rglob("*.py")]
CALLED = {service for text in CODE for service in re.findall(r'boto3\.client,? ?\(?"(\w+)"', text)}


@pytest.fixture(scope="module")
def trimmed(builds: Builds) -> Path:
    """The data of the botocore that is shipped."""
    return builds.layer("DependenciesLayer", machine_architecture()) / "python" / "botocore" / "data"


def _loader(folder: Path) -> Loader:
    return Loader(extra_search_paths=[str(folder)], include_default_search_paths=False)


def _without_prose(part: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in part.items() if not (name.startswith("documentation") and value == str(value))
    }


def test_services(trimmed: Path) -> None:
    """Every service that a function calls is there, and no other one."""
    assert _loader(trimmed).list_available_services("service-2") == sorted(CALLED)


@pytest.mark.parametrize("service", sorted(CALLED))
def test_a_service_is_as_it_was(trimmed: Path, service: str) -> None:
    """A service has all operations and shapes, without the texts for people, and the same rules for endpoints."""
    whole, shipped = (_loader(folder).load_service_model(service, "service-2") for folder in (WHOLE, trimmed))
    rules = [_loader(folder).load_service_model(service, "endpoint-rule-set-1") for folder in (WHOLE, trimmed)]

    assert shipped == json.loads(json.dumps(whole), object_hook=_without_prose)
    assert rules[0] == rules[1]
    assert len(json.dumps(shipped)) < len(json.dumps(whole)) * 0.5


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
