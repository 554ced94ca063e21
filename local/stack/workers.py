"""Find the processes in which ministack runs functions."""

from pathlib import Path

from local.stack.endpoints import Endpoints


def worker_processes(endpoints: Endpoints, function: str) -> list[int]:
    """Return the process ids of the workers that run a function of a stack."""
    variables = {f"AWS_LAMBDA_FUNCTION_NAME={function}".encode(), f"AWS_ENDPOINT_URL={endpoints.aws}".encode()}
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if variables <= _environment(path)]


def _environment(path: Path) -> set[bytes]:
    try:
        return set(path.read_bytes().split(b"\0"))
    except OSError:  # the process has ended, or belongs to another user
        return set()
