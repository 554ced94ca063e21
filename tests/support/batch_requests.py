"""Requests of batches, and calls that submit and read one."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.harness import Harness

SUBMIT, GET = "submit-batch", "get-batch"


def entry(action: str, **request: object) -> dict[str, Any]:
    """One request of a batch."""
    return {"action": action, "request": request}


def customers(count: int, tag: str = "cust") -> list[dict[str, Any]]:
    """Requests that create so many customers."""
    return [entry("create-customer", customerId=f"{tag}-{number}", name=f"No. {number}") for number in range(count)]


def submit(actions: "Harness", requests: Any, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Submit a batch that must be accepted."""
    return actions.ok(SUBMIT, {"requests": requests, **fields})


def get(actions: "Harness", batch: dict[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Ask for a batch."""
    return actions.ok(GET, {"batchId": batch["batchId"], **fields})


def counts(body: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return how many requests there are, succeeded, failed, and are left."""
    return body["total"], body["succeeded"], body["failed"], body["left"]
