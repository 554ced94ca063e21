"""get-batch: what became of each request, page by page."""

import pytest

from tests.support.batch_requests import GET, customers, get, submit
from tests.support.harness import ORG, OTHER_ORG, Harness


def test_results_page_by_page(actions: Harness) -> None:
    """Results come in parts, each with a token for the next."""
    batch = submit(actions, customers(5), waitSeconds=20)
    first = get(actions, batch, limit=2)
    second = get(actions, batch, limit=2, nextToken=first["nextToken"])
    third = get(actions, batch, limit=2, nextToken=second["nextToken"])

    assert [[one["index"] for one in page["results"]] for page in (first, second, third)] == [[0, 1], [2, 3], [4]]
    assert "nextToken" not in third
    last = get(actions, batch, limit=1, nextToken=second["nextToken"])
    assert "nextToken" not in last  # the page is full, and the last one
    assert "nextToken" not in get(actions, batch, limit=5)


@pytest.mark.parametrize("batch_id", ["batch-1", "x", f"batch-{'0' * 40}-1", f"batch-{'0' * 40}-0"])
def test_no_such_batch(actions: Harness, batch_id: str) -> None:
    """An id that is none, or of nothing, is not found."""
    reply = actions.post(GET, {"batchId": batch_id})

    assert (reply.status, reply.body["errorCode"]) == (404, "BATCH_NOT_FOUND")


def test_batch_of_another_org(actions: Harness) -> None:
    """Another org's batch is not found."""
    served = actions.with_settings(allowed_org_ids=frozenset({ORG, OTHER_ORG}))
    batch = submit(served, customers(1))
    reply = served.post(GET, {"batchId": batch["batchId"], "salesforceOrgId": OTHER_ORG})

    assert (reply.status, reply.body["errorCode"]) == (404, "BATCH_NOT_FOUND")


def test_a_token_of_another_batch(actions: Harness) -> None:
    """A token of another batch is refused by name: its place means nothing here."""
    batch, other = (submit(actions, customers(5, tag), waitSeconds=20) for tag in ("cust", "other"))
    token = get(actions, batch, limit=2)["nextToken"]

    reply = actions.post(GET, {"batchId": other["batchId"], "nextToken": token})

    (detail,) = reply.body["details"]
    assert (reply.status, detail["field"]) == (400, "nextToken")
    assert "leave it out to start with the first result" in detail["problem"]
    assert get(actions, batch, nextToken=token)["results"][0]["index"] == 2


@pytest.mark.parametrize("token", ["x", "-1", "1.5", "2", "2-", "2-00000", "\N{SUPERSCRIPT TWO}-"])
def test_bad_token(actions: Harness, token: str) -> None:
    """A token that was not given is refused."""
    batch = submit(actions, customers(1))
    reply = actions.post(GET, {"batchId": batch["batchId"], "nextToken": token})

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "nextToken")
