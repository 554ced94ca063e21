"""The processes in which ministack runs functions."""

from pathlib import Path

from local.stack.endpoints import Endpoints


def worker_processes(endpoints: Endpoints, function: str) -> list[int]:
    """Return the process ids of the workers in which one stack runs a function, which has that name."""
    wanted = {f"AWS_LAMBDA_FUNCTION_NAME={function}".encode(), f"AWS_ENDPOINT_URL={endpoints.aws}".encode()}
    return [int(one.parent.name) for one in Path("/proc").glob("[0-9]*/environ") if wanted <= _environment(one)]


def _environment(path: Path) -> set[bytes]:
    try:
        return set(path.read_bytes().split(b"\0"))
    except OSError:  # it has just ended, or is somebody else's
        return set()
