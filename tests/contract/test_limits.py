"""Rate limits: thirty writes a minute of one entity, by the emulator's clock; reads are not counted."""

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api, refusal


def test_entity(api: Api, emulator: Emulator) -> None:
    """Writes of one subscription are pooled over operations, and flow again after a minute."""
    api.customer()
    api.subscribe("sub-1")
    for number in range(30):
        api.patch("/subscriptions/sub-1", metadata={"n": str(number)})
    limited = api.call("POST", "/subscriptions/sub-1/cancel", {}, idempotency_key="key-1")

    assert refusal(limited) == (429, "RateLimitExceeded")
    assert api.get("/subscriptions/sub-1").status_code == 200
    emulator.advance(60)
    assert api.call("POST", "/subscriptions/sub-1/cancel", {}, idempotency_key="key-1").status_code == 200


def test_resources_count_apart(api: Api) -> None:
    """Provisions are counted by customer and resource."""
    api.customer()
    for number in range(31):
        last = api.provision(f"sub-{number}", "plan-workspace", resourceId="site-1")

    assert last.status_code == 429
    assert api.provision("sub-x", "plan-workspace", resourceId="site-2").status_code == 201


def test_operation(api: Api) -> None:
    """An operation has a limit of its own, whatever the entity."""
    statuses = [api.post("/customers", id=f"customer-{number}").status_code for number in range(251)]

    assert statuses == [201] * 250 + [429]
