"""Server processes on loopback: free ports, start, wait until ready, stop with everything they started."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

LOOPBACK = "127.0.0.1"
READY_SECONDS = 30.0
STOP_SECONDS = 5.0


class LocalStackError(Exception):
    """The local stack cannot run. The message gives the reason and the remedy."""


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def require_free(port: int) -> None:
    """Raise `LocalStackError` when something listens on the port already."""
    with socket.socket() as probe:
        # The port of a server that has just stopped is free, whatever its old connections still wait for.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise LocalStackError(
                f"Port {port} is in use. Stop the program that uses it, or choose another port: make run PORT=..."
            ) from (error)


@contextmanager
def running(
    command: Sequence[str | Path], *, ready_url: str, log: Path, environment: Mapping[str, str], folder: Path
) -> Iterator[None]:
    """Run a server until the block ends; the block begins when `ready_url` answers 200."""
    with log.open("wb") as output:
        # A session of its own: Ctrl-C reaches us alone, and we stop the server together with its workers.
        process = subprocess.Popen(  # noqa: S603 - the commands are our own
            list(command), stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=folder, start_new_session=True
        )
        try:
            _wait_until_ready(process, ready_url, log)
            yield
        finally:
            _stop(process)


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(url):
        if process.poll() is not None:
            raise LocalStackError(f"A server stopped during its start (exit code {process.returncode}):\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise LocalStackError(f"{url} did not answer within {READY_SECONDS:.0f} s:\n{_tail(log)}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - a loopback address of our own
            return bool(response.status == HTTPStatus.OK)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the server's whole process group: politely, then surely (its workers may outlive it)."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
