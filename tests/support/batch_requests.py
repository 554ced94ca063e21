"""Submitting batches and asking for them, through the actions."""

from typing import Any

from tests.support.harness import Harness

SUBMIT, GET = "submit-batch", "get-batch"


def submit(actions: Harness, requests: Any, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Submit a batch that must be accepted."""
    return actions.ok(SUBMIT, {"requests": requests, **fields})


def get(actions: Harness, batch: dict[str, Any], **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Ask for a batch."""
    return actions.ok(GET, {"batchId": batch["batchId"], **fields})


def counts(body: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return how many requests there are, succeeded, failed, and are left."""
    return body["total"], body["succeeded"], body["failed"], body["left"]
