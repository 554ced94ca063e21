"""ministack, the AWS stand-in, as a process on loopback that leaves nothing behind."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.config import Config

from local.stack.processes import LOOPBACK, free_port, running
from local.stack.template import ROOT

REGION = "us-east-1"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM_NEEDED = 4 * 2**30
PYTHON = ROOT / ".venv-ministack" / "bin" / "python"
SERVER = (
    *("--loop", "uvloop", "--http", "httptools", "--timeout-keep-alive", "75", "--timeout-graceful-shutdown", "1"),
    *("--no-access-log", "--log-level", "warning", "--no-server-header", "--no-date-header"),  # the app has its own
)
"""The options of uvicorn. With them a call takes half the processor time of ministack's own server."""


@dataclass(frozen=True)
class Credentials:
    """An access key, which signs requests."""

    access_key_id: str
    secret_access_key: str


# The server's own key: all rights and, a fact about ministack, no signature check. Never a caller's.
ROOT_CREDENTIALS = Credentials("ministack-root", "ministack-root-secret")


@dataclass(frozen=True)
class Ministack:
    """A running AWS stand-in."""

    url: str

    def client_settings(self, credentials: Credentials = ROOT_CREDENTIALS) -> dict[str, Any]:
        """Return the arguments of a client: `boto3.client("dynamodb", **ministack.client_settings())`."""
        return {
            "endpoint_url": self.url,
            "region_name": REGION,
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
            # A proxy meant for the internet does not know this machine's loopback.
            "config": Config(proxies={}, max_pool_connections=50),
        }


@contextmanager
def running_ministack(*, port: int = 0, auth: bool = False) -> Iterator[Ministack]:
    """Run ministack until the block ends. `auth` makes it check signatures and policies, as AWS does."""
    port = port or free_port()
    url = f"http://{LOOPBACK}:{port}"
    with (
        tempfile.TemporaryDirectory(prefix="stigg-local-", dir=_memory(), ignore_cleanup_errors=True) as folder,
        running(
            [PYTHON, "-m", "uvicorn", "ministack.app:app", "--host", LOOPBACK, "--port", str(port), *SERVER],
            ready_url=f"{url}/_ministack/ready",
            log=Path(folder, "ministack.log"),
            environment=_environment(port, folder, auth=auth),
            folder=Path(folder),
        ),
    ):
        yield Ministack(url)


def _memory() -> Path | None:
    """Return a folder in memory if it has room and may hold programs; else None, for the default folder.

    Every worker of a function unpacks both layers, hundreds of small files, which takes four times as long on a disk.
    """
    try:
        status = os.statvfs(MEMORY)
    except FileNotFoundError:
        return None
    roomy = status.f_bavail * status.f_frsize >= ROOM_NEEDED
    return MEMORY if roomy and not status.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK) else None


def _environment(port: int, folder: str, *, auth: bool) -> dict[str, str]:
    """Return the complete environment of the server, which its Lambda workers inherit."""
    return {
        "PATH": os.defpath,
        "TMPDIR": folder,  # unpacked functions go there, and go away with it
        "STATE_DIR": folder,
        "AUTH": str(auth).lower(),
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": LOOPBACK,  # what the URLs that it hands out say
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1",  # a minute on AWS
        "IOT_MTLS_ENABLED": "0",  # its listener would be open to the network
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ROOT_CREDENTIALS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": ROOT_CREDENTIALS.secret_access_key,
    }
