"""check-connection, in this process."""

import json
from typing import Any

import httpx
import pytest

from stigg_actions.stigg.transport import Transport
from tests.support.fakes import Answer, FakeSecretsManager, ScriptedStigg, aws_error
from tests.support.harness import ORG, SECRET, Harness

ACTION = "check-connection"
NAMES = [
    "secret",
    "environmentMarker",
    "apiKey",
    "stigg",
    "keyAccepted",
    "keyMayRead",
    "keyMayWriteCustomers",
    "keyMayWriteSubscriptions",
    "keyMayTriggerWorkflows",
    "plan plan-grace",
    "clock",
    "mappingsTable",
    "operationsTable",
    "batchesTable",
]
OF_THE_KEY = NAMES[NAMES.index("stigg") : NAMES.index("mappingsTable")]
"""What cannot be known without a key that Stigg takes."""


def failed(body: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return problem and remedy of each check that has not passed, by its name."""
    assert body["outcome"] == ("unhealthy" if body["failedChecks"] else "healthy")
    found = {one["name"]: (one["problem"], one["remedy"]) for one in body["checks"] if not one["passed"]}
    assert body["failedChecks"] == len(found)
    return found


def causes(body: dict[str, Any]) -> list[str]:
    """Return the checks that have not passed of themselves, and not because of another."""
    return [name for name, (problem, _) in failed(body).items() if not problem.startswith("Could not be checked")]


def test_healthy(actions: Harness) -> None:
    """A deployment as it must be passes every check, and the answer names the environment and the org."""
    body = actions.ok(ACTION, {})

    assert (failed(body), [one["name"] for one in body["checks"]]) == ({}, NAMES)
    assert (body["environment"], body["salesforceOrgId"]) == ("development", ORG)
    assert body["summary"] == "All 14 checks have passed."


def test_nothing_changes(actions: Harness) -> None:
    """Whatever Stigg is asked for, it is asked in vain: neither Stigg nor the tables hold anything afterwards."""
    actions.ok(ACTION, {"planIds": ["plan-growth"]})
    state = actions.emulator.state()

    assert not state["customers"] + state["subscriptions"] + state["grants"] + state["workflowRuns"]
    assert not actions.tables.items(actions.tables.mappings) + actions.tables.items(actions.tables.operations)


def test_plans(actions: Harness) -> None:
    """The grace plan and every plan of the request must exist, each once; the request's may come as JSON text."""
    body = actions.ok(ACTION, {"planIds": '["plan-growth", "plan-platinum", "plan-grace"]'})
    ((name, (problem, remedy)),) = failed(body).items()

    assert [one["name"] for one in body["checks"] if one["name"].startswith("plan ")] == [
        "plan plan-grace",
        "plan plan-growth",
        "plan plan-platinum",
    ]
    assert (name, problem.split(":")[0]) == ("plan plan-platinum", "PLAN_NOT_FOUND")
    assert remedy == "Correct planIds, or publish the plan in Stigg."


def test_without_a_grace_plan(actions: Harness) -> None:
    """A deployment that names no grace plan has no plan to check."""
    body = actions.with_settings(grace_plan_id=None).ok(ACTION, {})

    assert [one["name"] for one in body["checks"]] == [name for name in NAMES if not name.startswith("plan ")]


@pytest.mark.parametrize(
    ("change", "names", "said"),
    [
        ({"environment": "production"}, ["environmentMarker"], "another environment"),
        ({"apiKey": "client-local-development"}, ["apiKey"], "publishable"),
        ({"apiKey": ""}, ["apiKey"], "no apiKey"),
        ({"environment": None, "apiKey": "sk_1"}, ["environmentMarker", "apiKey"], "not marked"),
    ],
)
def test_content_of_the_secret(actions: Harness, change: dict[str, Any], names: list[str], said: str) -> None:
    """Each field of the secret that is wrong is told by itself; what needs the key is not known then."""
    actions.store_secret(SECRET | change)
    body = actions.ok(ACTION, {})

    assert causes(body) == names
    assert said in failed(body)[names[0]][0]
    assert "scripts/stigg-actions secret set" in failed(body)[names[0]][1]
    assert set(failed(body)) == {*names, *OF_THE_KEY}
    assert SECRET["apiKey"] not in json.dumps(body)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("no JSON", "NOT_CONFIGURED"),
        ('["a list"]', "NOT_CONFIGURED"),
        ({"SecretBinary": b""}, "NOT_CONFIGURED"),
        (aws_error("ResourceNotFoundException"), "NOT_CONFIGURED"),
        (aws_error("InternalServiceError"), "SECRETS_UNAVAILABLE"),
    ],
)
def test_a_secret_that_cannot_be_read(actions: Harness, content: Any, code: str) -> None:  # noqa: ANN401 - what is there
    """Where the secret as a whole is missing or unreadable, all that is in it and all that needs it is unknown."""
    container = actions.container(secrets=FakeSecretsManager(content).client)
    body = actions.post(ACTION, {}, container).body

    assert causes(body) == ["secret"]
    assert failed(body)["secret"][0].startswith(f"{code}: ")
    assert set(failed(body)) == {"secret", "environmentMarker", "apiKey", *OF_THE_KEY}


@pytest.mark.parametrize("status", ["expired", "revoked"])
def test_a_rejected_key(actions: Harness, status: str) -> None:
    """A key that Stigg does not know, or no longer, is told apart from a Stigg that does not answer."""
    actions.emulator.set_key(actions.emulator.key, status)
    body = actions.ok(ACTION, {})

    assert causes(body) == ["keyAccepted"]
    assert failed(body)["keyAccepted"][0].startswith("STIGG_KEY_REJECTED: ")
    assert set(failed(body)) == set(OF_THE_KEY) - {"stigg"}


def test_what_is_stored_counts(actions: Harness) -> None:
    """A wrong key that has just been stored is found at once, though the process still keeps the right one."""
    actions.ok(ACTION, {})
    actions.store_secret(SECRET | {"apiKey": "server-of-nobody"})

    assert causes(actions.ok(ACTION, {})) == ["keyAccepted"]


def test_a_key_that_only_reads(actions: Harness) -> None:
    """A key that may read, and may not write, fails the checks of writing alone."""
    actions.emulator.set_key(actions.emulator.key, "readOnly")
    body = actions.ok(ACTION, {})

    assert causes(body) == ["keyMayWriteCustomers", "keyMayWriteSubscriptions", "keyMayTriggerWorkflows"]
    assert "full-access" in failed(body)["keyMayTriggerWorkflows"][1]
    assert "3 of 14 checks have not passed. keyMayWriteCustomers: STIGG_KEY_LACKS_PERMISSION" in body["summary"]


def test_a_key_that_may_not_read(actions: Harness) -> None:
    """A key that may not even read is told to lack permission, not to be unknown."""
    body = {"message": "No.", "code": "AccessDeniedError"}
    actions.emulator.fault("GET", "/api/.*", "status", {"status": 403, "body": body})

    assert causes(actions.ok(ACTION, {})) == ["keyMayRead"]


def test_stigg_does_not_answer(actions: Harness) -> None:
    """Without Stigg the tables are still looked at, and all that only Stigg can tell is unknown."""
    body = actions.post(ACTION, {}, actions.container(wire=actions.unreachable_wire())).body

    assert causes(body) == ["stigg"]
    assert set(failed(body)) == set(OF_THE_KEY)
    assert body["summary"].endswith(" And 5 more.")


def test_another_server(actions: Harness) -> None:
    """An address at which something else than Stigg answers is told with the parameter that has it."""
    elsewhere = Transport(actions.settings.stigg_api_url + "/elsewhere")
    body = actions.post(ACTION, {}, actions.container(wire=elsewhere)).body

    assert causes(body) == ["stigg"]
    assert "StiggApiUrl" in failed(body)["stigg"][1]


def test_limits(actions: Harness) -> None:
    """Stigg's limits are told as what they are, with the advice to wait."""
    actions.emulator.fault("*", "/(api|graphql).*", "status", {"status": 429, "body": {"code": "RateLimitExceeded"}})
    body = actions.ok(ACTION, {})

    assert failed(body)["stigg"][1] == "Try again in 60 seconds."


@pytest.mark.parametrize(("seconds", "said"), [(3600, "s ahead of Stigg's"), (-3600, "s behind Stigg's")])
def test_a_wrong_clock(actions: Harness, seconds: int, said: str) -> None:
    """A clock that is far from Stigg's is told with the difference; the date of Stigg's own answers is what counts."""
    actions.clock.skip(seconds)
    body = actions.ok(ACTION, {})

    assert causes(body) == ["clock"]
    assert said in failed(body)["clock"][0]


def test_an_undated_answer(actions: Harness) -> None:
    """An answer without a date is not Stigg's: the clocks cannot be compared, and that is told."""
    stigg = httpx.MockTransport(ScriptedStigg(Answer(200, {"data": [], "pagination": {}})))
    body = actions.post(ACTION, {}, actions.container(Transport("https://stigg.example", transport=stigg))).body

    assert "has no date" in failed(body)["clock"][0]


@pytest.mark.parametrize("table", ["mappings", "operations", "batches"])
def test_a_table_that_is_gone(actions: Harness, table: str) -> None:
    """A table that is not there, or not to be read, fails its own check alone."""
    body = actions.with_settings(**{f"{table}_table": "nowhere"}).ok(ACTION, {})

    assert list(failed(body)) == [f"{table}Table"]
    assert "Deploy the stack again" in failed(body)[f"{table}Table"][1]


def test_another_org(actions: Harness) -> None:
    """An org that the environment does not serve is refused, as by every action."""
    reply = actions.post(ACTION, {"salesforceOrgId": "00D000000000002EAA"})

    assert (reply.status, reply.body["errorCode"]) == (403, "ORG_NOT_ALLOWED")


def test_too_many_plans(actions: Harness) -> None:
    """More plans than can be asked for in time are refused."""
    reply = actions.post(ACTION, {"planIds": [f"plan-{number}" for number in range(21)]})

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "planIds")
