"""migrate-subscription, in this process."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionMigrateParams

from tests.contract.sdk_shapes import body_problems
from tests.support import crashes
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.requests import LINE, grant, in_stigg, sold, sold_in_the_app, upcoming

ACTION = "migrate-subscription"
PLAN = "plan-growth"
NOW = {"salesforceRecordId": LINE, "migrateWhen": "now"}
LATER = {"salesforceRecordId": LINE, "migrateWhen": "endOfBillingPeriod"}
POST = "POST .*/migrate"


def outdated(actions: Harness, **changes: Any) -> str:  # noqa: ANN401 - any field of a request
    """Sell a subscription, and publish a new version of its plan; return the subscription's id."""
    subscription_id = sold(actions, **changes)
    actions.emulator.publish_plan(PLAN, {"MONTHLY": {"usd": 249}})
    return subscription_id


def version(actions: Harness, subscription_id: str) -> int:
    """Return the version of its plan that a subscription has in Stigg."""
    return int(in_stigg(actions, subscription_id)["planVersion"])


def migrations(actions: Harness) -> int:
    """How often Stigg was asked to migrate."""
    return sum(path.endswith("/migrate") for _, path in actions.writes_to_stigg())


def test_now(actions: Harness) -> None:
    """A subscription gets the newest version of its plan, and its price; the history says so."""
    subscription_id = outdated(actions)

    body = actions.ok(ACTION, NOW)

    assert (body["outcome"], body["subscriptionId"], body["planId"]) == ("updated", subscription_id, PLAN)
    assert (version(actions, subscription_id), actions.history(LINE)) == (2, ["created", "migrated"])
    assert in_stigg(actions, subscription_id)["prices"][0]["amount"] == 249


def test_at_the_end_of_the_period(actions: Harness) -> None:
    """A scheduled migration is shown with its time, and takes effect then."""
    subscription_id = outdated(actions)

    body = actions.ok(ACTION, LATER)

    (waiting,) = body["scheduledChanges"]
    assert (body["outcome"], waiting["change"], waiting["status"]) == ("scheduled", "MIGRATE_TO_LATEST", "SCHEDULED")
    assert [change["field"] for change in body["changes"]] == ["scheduled.MIGRATE_TO_LATEST"]
    assert (version(actions, subscription_id), actions.history(LINE)) == (1, ["created", "migrationScheduled"])
    actions.emulator.advance(32 * 24 * 3600)
    assert version(actions, subscription_id) == 2


@pytest.mark.parametrize("request_body", [NOW, LATER])
def test_the_newest_version_is_unchanged(actions: Harness, request_body: dict[str, Any]) -> None:
    """A subscription that has the newest version is unchanged, and that is no event."""
    sold(actions)

    body = actions.ok(ACTION, request_body)

    assert (body["outcome"], body["changes"], actions.history(LINE)) == ("unchanged", [], ["created"])


def test_a_scheduled_migration_is_unchanged(actions: Harness) -> None:
    """A migration that somebody scheduled in the Stigg app is not scheduled again."""
    subscription_id = outdated(actions)
    path = f"/api/v1/subscriptions/{subscription_id}/migrate"
    actions.emulator.by_hand("POST", path, {"subscriptionMigrationTime": "END_OF_BILLING_PERIOD"})

    body = actions.ok(ACTION, LATER)

    assert (body["outcome"], len(body["scheduledChanges"]), migrations(actions)) == ("unchanged", 1, 0)


def test_now_instead_of_later(actions: Harness) -> None:
    """A scheduled migration can be made now."""
    subscription_id = outdated(actions)
    actions.ok(ACTION, LATER)

    body = actions.ok(ACTION, NOW)

    assert (body["outcome"], body["scheduledChanges"], version(actions, subscription_id)) == ("updated", [], 2)


def test_another_version_after_a_migration(actions: Harness) -> None:
    """The same request migrates again once there is a newer version, even on the same day."""
    subscription_id = outdated(actions)
    first = actions.ok(ACTION, NOW)
    again = actions.ok(ACTION, NOW)
    actions.emulator.publish_plan(PLAN)

    body = actions.ok(ACTION, NOW)

    assert [one["outcome"] for one in (first, again, body)] == ["updated", "unchanged", "updated"]
    assert version(actions, subscription_id) == 3


def test_the_callers_own_key(actions: Harness) -> None:
    """Under its own key a request migrates once, and its repeat gets the same result."""
    subscription_id = outdated(actions)
    actions.ok(ACTION, NOW | {"idempotencyKey": "deal-1"})
    actions.emulator.publish_plan(PLAN)

    body = actions.ok(ACTION, NOW | {"idempotencyKey": "deal-1"})

    assert (body["outcome"], body["replayed"], version(actions, subscription_id)) == ("updated", True, 2)


def test_a_repeat_of_a_scheduled_migration(actions: Harness) -> None:
    """A repeat gets the stored result while the migration is scheduled, and is made again after it was dropped."""
    subscription_id = outdated(actions)
    first = actions.ok(ACTION, LATER)
    again = actions.ok(ACTION, LATER)
    actions.emulator.by_hand("DELETE", f"/api/v1/subscriptions/{subscription_id}/future-update/schedule")

    body = actions.ok(ACTION, LATER)

    assert [(one["outcome"], one["replayed"]) for one in (first, again, body)] == [
        ("scheduled", False),
        ("scheduled", True),
        ("scheduled", False),
    ]
    assert migrations(actions) == 2


def test_what_is_sent(actions: Harness) -> None:
    """The time is sent as the SDK types it, without an idempotency key."""
    outdated(actions)
    sent: list[dict[str, Any]] = []

    actions.post(ACTION, LATER, listening_container(actions, POST, sent))

    assert sent == [{"subscriptionMigrationTime": "END_OF_BILLING_PERIOD"}]
    assert body_problems(SubscriptionMigrateParams, sent[0]) == []


@pytest.mark.parametrize("reference", ["salesforceRecordId", "subscriptionId"])
def test_an_ended_subscription_is_refused(actions: Harness, reference: str) -> None:
    """A subscription that has ended is refused before Stigg is asked, with its status."""
    subscription_id = outdated(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})
    named = {"salesforceRecordId": LINE, "subscriptionId": subscription_id}[reference]

    reply = actions.post(ACTION, {reference: named, "migrateWhen": "now"})

    (problem,) = reply.body["details"]
    assert (reply.status, problem["field"]) == (400, reference)
    assert f"{subscription_id}, which is CANCELED; only one that runs can be moved" in problem["problem"]
    assert migrations(actions) == 0


def test_a_scheduled_subscription_is_refused(actions: Harness) -> None:
    """A subscription that has yet to start gets the newest version when it starts, so it is refused."""
    sold(actions)
    later = {"salesforceRecordId": LINE, "planId": "plan-grace", "downgradeWhen": "endOfBillingPeriod"}
    actions.ok("downgrade-subscription", later)

    reply = actions.post(ACTION, {"subscriptionId": upcoming(actions), "migrateWhen": "now"})

    assert (reply.status, "is NOT_STARTED" in reply.body["errorMessage"]) == (400, True)


def test_a_free_plan_has_no_period(actions: Harness) -> None:
    """Stigg's refusal of a time that the subscription does not have is passed on."""
    sold(actions, planId="plan-free")
    actions.emulator.publish_plan("plan-free")

    reply = actions.post(ACTION, LATER)

    assert (reply.status, reply.body["stiggErrorCode"]) == (422, "SubscriptionDoesNotHaveBillingPeriod")


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """A subscription that was sold in the Stigg app is named by its id."""
    subscription_id = sold_in_the_app(actions)
    actions.emulator.publish_plan(PLAN)

    body = actions.ok(ACTION, {"subscriptionId": subscription_id, "migrateWhen": "now"})

    assert (body["outcome"], version(actions, subscription_id)) == ("updated", 2)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("request_body", [NOW, LATER])
def test_a_killed_process_is_carried_on(actions: Harness, request_body: dict[str, Any], *, after: bool) -> None:
    """Killed before or after the call to Stigg, the repeat ends with one migration, recorded once."""
    subscription_id = outdated(actions)
    crashes.crash(actions, ACTION, request_body, POST, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request_body)

    assert (body["outcome"], body["replayed"]) == ("updated" if request_body is NOW else "scheduled", False)
    assert version(actions, subscription_id) == (2 if request_body is NOW else 1)
    assert len(actions.history(LINE)) == 2


def test_a_lost_answer(actions: Harness) -> None:
    """Stigg does not show a migration, so a lost answer leaves the outcome unknown; the repeat finds out."""
    subscription_id = outdated(actions)
    actions.emulator.fault("POST", "/migrate", "cutAfter", times=1)

    unknown = actions.post(ACTION, NOW)
    body = actions.ok(ACTION, NOW)

    assert (unknown.status, unknown.body["errorCode"], unknown.body["retryable"]) == (504, "OUTCOME_UNKNOWN", True)
    assert (body["outcome"], version(actions, subscription_id)) == ("updated", 2)
    assert actions.history(LINE) == ["created", "migrated"]


def test_a_lost_answer_of_a_scheduled_migration(actions: Harness) -> None:
    """Stigg shows a scheduled migration, so a lost answer is found by reading."""
    outdated(actions)
    actions.emulator.fault("POST", "/migrate", "cutAfter", times=1)

    assert actions.ok(ACTION, LATER)["outcome"] == "scheduled"
    assert actions.history(LINE) == ["created", "migrationScheduled"]


@pytest.mark.parametrize("after", [False, True])
def test_a_migration_that_nobody_repeats(actions: Harness, *, after: bool) -> None:
    """The reconciliation cannot see a migration: it says so, and frees the customer; a repeat is safe."""
    subscription_id = outdated(actions)
    crashes.crash(actions, ACTION, NOW, POST, after=after)
    actions.clock.skip(100)

    actions.invoke("reconcile", {})

    (operation,) = actions.invoke("list-operations", {"status": "failed"})["operations"]
    assert operation["errorCode"] == "OUTCOME_UNKNOWN"
    assert actions.ok("create-credit-grant", grant())["outcome"] == "created"
    assert actions.ok(ACTION, NOW)["outcome"] == ("unchanged" if after else "updated")
    assert version(actions, subscription_id) == 2


def test_a_scheduled_migration_that_nobody_repeats(actions: Harness) -> None:
    """The reconciliation finds a scheduled migration, or that it was never made."""
    outdated(actions)
    crashes.crash(actions, ACTION, LATER, POST, after=False)
    actions.clock.skip(100)

    actions.invoke("reconcile", {})

    (operation,) = actions.invoke("list-operations", {"status": "failed"})["operations"]
    assert operation["errorCode"] == "STIGG_UNAVAILABLE"
