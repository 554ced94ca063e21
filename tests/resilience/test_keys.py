"""Keys that are rotated, expire, may too little, or belong to another environment."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.stack.template import template
from tests.resilience.stage import Stage
from tests.support.harness import SECRET, Harness

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


# what is wrong, the code that tells it, a part of the message, and the counter of the alarm
TROUBLES = [
    ("expired", "STIGG_KEY_REJECTED", "revoked or expired", "StiggKeyRejected"),
    ("readOnly", "STIGG_KEY_LACKS_PERMISSION", "lacks permission", "StiggKeyLacksPermission"),
    ("of another environment", "NOT_CONFIGURED", "the secret of another environment", "NotConfigured"),
]


@pytest.mark.parametrize(("trouble", "code", "told", "counter"), TROUBLES)
def test_each_trouble_with_a_key_has_its_own_alarm(
    actions: Harness, trouble: str, code: str, told: str, counter: str
) -> None:
    """Each trouble has a message that says what to mend, and an alarm that counts its code and no other's."""
    if trouble == "of another environment":
        actions.store_secret({**SECRET, "environment": "production"})
    else:
        actions.emulator.set_key(actions.emulator.key, trouble)

    reply = actions.post("create-customer", {"customerId": "cust-acme", "name": "Acme"}, actions.container())
    actions.store_secret(SECRET)

    counts = {name: template()["Resources"][name]["Properties"]["FilterPattern"] for *_, name in TROUBLES}
    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (500, code, False)
    assert told in reply.body["errorMessage"]
    assert [name for name, pattern in counts.items() if f'"{code}"' in pattern] == [counter]
    assert actions.emulator.state()["customers"] == []
