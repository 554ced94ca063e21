"""The real template, deployed into a stand-in for AWS on this machine.

    with local_stack() as stack:
        print(stack.endpoints.api)

The stand-in is ministack and listens on loopback only; Stigg is played by `local.stigg_emulator`.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.stack.deployment import Deployment, deploy_development
from local.stack.endpoints import Endpoints
from local.stack.ministack import REGION, ROOT_CREDENTIALS, Ministack, running_ministack
from local.stack.processes import LOOPBACK, LocalStackError, free_port, require_free, running
from local.stack.sam import build, machine_architecture
from local.stack.template import ROOT
from local.stigg_emulator.hosting import Emulator

__all__ = ["Endpoints", "LocalStack", "LocalStackError", "local_stack"]


@dataclass(frozen=True)
class LocalStack:
    """A running stack: its addresses and its deployment."""

    endpoints: Endpoints
    ministack: Ministack
    stigg: Emulator
    deployment: Deployment
    built_template: Path


@contextmanager
def local_stack(*, port: int = 0) -> Iterator[LocalStack]:
    """Build, start and deploy everything; stop and remove it when the block ends.

    AWS listens on `port` and Stigg on the next one; 0 takes two free ports.

    Raises:
        LocalStackError: a port is in use or a step failed; the message names it.
    """
    port, stigg_port = _ports(port)
    with (
        tempfile.TemporaryDirectory(prefix="stigg-local-") as folder,
        ThreadPoolExecutor(max_workers=1) as builder,
    ):
        building = builder.submit(
            build, Path(folder, "build"), architecture=machine_architecture(), for_this_system=True
        )
        with (
            running_ministack(port=port, auth=True) as ministack,
            _running_emulator(stigg_port, Path(folder, "emulator.log")) as stigg_url,
        ):
            built_template = building.result()
            deployment = deploy_development(ministack, built_template, stigg_url=stigg_url)
            yield LocalStack(
                _endpoints(ministack, deployment, stigg_url),
                ministack,
                Emulator(stigg_url),
                deployment,
                built_template,
            )


def _ports(port: int) -> tuple[int, int]:
    """Return the given port and the next one, both free, or any two for 0."""
    ports = (port, port + 1) if port else (free_port(), free_port())
    for candidate in ports:
        require_free(candidate)
    return ports


@contextmanager
def _running_emulator(port: int, log: Path) -> Iterator[str]:
    url = f"http://{LOOPBACK}:{port}"
    with running(
        [sys.executable, "-m", "local.stigg_emulator", "--port", str(port)],
        ready_url=f"{url}/_emulator/state",
        log=log,
        environment={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
        folder=ROOT,
    ):
        yield url


def _endpoints(ministack: Ministack, deployment: Deployment, stigg_url: str) -> Endpoints:
    return Endpoints(
        api=deployment.api,
        aws=ministack.url,
        stigg=stigg_url,
        webhooks=f"{deployment.api}/receive-webhook",
        region=REGION,
        access_key_id=deployment.salesforce.access_key_id,
        secret_access_key=deployment.salesforce.secret_access_key,
        root_access_key_id=ROOT_CREDENTIALS.access_key_id,
        root_secret_access_key=ROOT_CREDENTIALS.secret_access_key,
        functions=deployment.functions,
    )
