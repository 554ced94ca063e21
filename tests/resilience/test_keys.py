"""Keys that are rotated, expire, may too little, or belong to another environment."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.resilience.stage import Stage
from tests.support.expanded import properties
from tests.support.harness import SECRET, Harness
from tests.support.logs import listening, matches

ROTATED = "server-rotated-in-flight"
REQUESTS, CONTAINERS = 200, 20


@pytest.fixture
def actions(stage: Stage) -> Harness:
    """The deployment, empty, with the key that the emulator knows."""
    stage.actions.tables.clear()
    stage.actions.emulator.reset()
    stage.actions.store_secret(SECRET)
    return stage.actions


def test_rotation_loses_no_request(actions: Harness) -> None:
    """A key is rotated, and the old one revoked at once, while 200 requests are in flight: all succeed, each once."""
    actions.emulator.fault("POST", "/customers$", "latency", 0.1)
    containers = [actions.container() for _ in range(CONTAINERS)]

    def call(number: int) -> int:
        body = {"customerId": f"cust-{number}", "name": "Acme"}
        return actions.post("create-customer", body, containers[number % CONTAINERS]).status

    with ThreadPoolExecutor(CONTAINERS) as pool:
        calls = [pool.submit(call, number) for number in range(REQUESTS)]
        calls[REQUESTS // 4].result()
        actions.emulator.set_key(ROTATED)
        actions.store_secret({**SECRET, "apiKey": ROTATED})
        actions.emulator.set_key(actions.emulator.key, "revoked")
        in_flight = sum(not one.done() for one in calls)

    assert in_flight > REQUESTS // 2
    assert {one.result() for one in calls} == {200}
    assert len(actions.emulator.state()["customers"]) == REQUESTS
    actions.store_secret(SECRET)


# what is wrong, the code that tells it, and a part of the message
TROUBLES = [
    ("expired", "STIGG_KEY_REJECTED", "revoked or expired"),
    ("readOnly", "STIGG_KEY_LACKS_PERMISSION", "lacks permission"),
    ("of another environment", "NOT_CONFIGURED", "the secret of another environment"),
]


@pytest.mark.parametrize(("trouble", "code", "message"), TROUBLES)
def test_each_trouble_with_a_key_says_what_to_mend(actions: Harness, trouble: str, code: str, message: str) -> None:
    """Each trouble has a code and a message of its own, and the one alarm on the key counts it at the first call."""
    if trouble == "of another environment":
        actions.store_secret({**SECRET, "environment": "production"})
    else:
        actions.emulator.set_key(actions.emulator.key, trouble)

    with listening() as heard:
        reply = actions.post("create-customer", {"customerId": "cust-acme", "name": "Acme"}, actions.container())
    actions.store_secret(SECRET)

    pattern = properties("StiggKeyUnusable")["FilterPattern"]
    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (500, code, False)
    assert message in reply.body["errorMessage"]
    assert sum(matches(pattern, line) for line in heard.lines) > properties("StiggKeyUnusableAlarm")["Threshold"]
    assert actions.emulator.state()["customers"] == []
