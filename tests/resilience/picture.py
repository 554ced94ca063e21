"""All that is held in Stigg and here, as a picture that two runs of one story share, whatever their ids and times."""

import json
import re
from collections.abc import Iterator
from copy import replace
from dataclasses import dataclass, fields
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from tests.support.harness import Harness

MARKS = {"stiggActionsOperation", "stiggActionsKey", "correlationId"}
"""Metadata that differ from run to run; that they are there is seen."""
PASSING = {"version", "finished_at", "as_of", "at", "starts_at", "asked_at", "lease", "claim", "checkout_url"}
"""Attributes of the mappings that do."""
MOMENT = re.compile(r"20(?!99)\d\d-\d\d-\d\dT.*Z")
"""A moment of a run; requests name dates of 2099."""
STEP = re.compile(r"step-[0-9a-f]{40}")
"""The key of a step, which is made of its subscription's id."""
_read = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Picture:
    """What Stigg holds, what the mappings say, and how the operations stand; and what must never be."""

    customers: list[Any]
    effects: list[Any]
    mappings: list[Any]
    operations: list[Any]
    leases: list[str]

    def difference_from(self, wanted: "Picture") -> str | None:
        """Tell what is not as it is to be."""
        return "; ".join(_differences(self, wanted)) or None

    def compared_with(self, before: "Picture", after: "Picture") -> tuple[str, str | None]:
        """Tell whether all was done or nothing, and what is wrong if neither, or if it is not recorded as it is.

        A customer that a provisioning created on its way may be there without its subscription.
        """
        if (self.effects, self.customers) == (after.effects, after.customers):
            return "done", self.difference_from(after)
        unsettled = [one for one in self.operations if one[1] not in {"SUCCEEDED", "FAILED"}]
        known = replace(self, customers=before.customers, operations=before.operations)
        return "nothing", known.difference_from(before) or (f"unsettled: {unsettled}" if unsettled else None)


def _differences(found: Picture, wanted: Picture) -> Iterator[str]:
    for name in (one.name for one in fields(Picture)):
        there, asked = getattr(found, name), getattr(wanted, name)
        if there != asked:
            surplus, missing = [one for one in there if one not in asked], [one for one in asked if one not in there]
            yield f"{name}: {surplus} instead of {missing}, {len(there)} in all instead of {len(asked)}"


def picture(actions: Harness) -> Picture:
    """Take a picture. A payment page of which nobody was told is left out: nobody can pay there."""
    state = actions.emulator.state()
    mappings = [_plain(item) for item in actions.tables.items(actions.tables.mappings)]
    operations = [_plain(item) for item in actions.intents()]
    pages = {
        one["subscriptionId"]: one["planId"] for one in state["checkouts"] if one["subscriptionId"] in str(mappings)
    }
    made = [*(one["id"] for one in state["subscriptions"]), *pages]
    labels = {subscription_id: f"subscription {number}" for number, subscription_id in enumerate(made, start=1)}
    return Picture(
        customers=[_customer(one) for one in state["customers"]],
        effects=[
            *(_subscription(one, labels) for one in state["subscriptions"]),
            *({"checkout": plan_id} for plan_id in pages.values()),
            *({"grant": one["amount"], "of": one["customerId"], "status": one["status"]} for one in state["grants"]),
            *({"usage": one["amount"], "of": one["customerId"]} for one in state["usage"]),
            *(_promotion(one) for one in state["promotions"]),
            *(_contract(one, labels) for one in state["contracts"]),
            *({"workflow": one["triggerId"]} for one in state["workflowRuns"]),
        ],
        mappings=sorted(_seen(item, labels) for item in mappings if _holds_something(item)),
        operations=sorted((one["kind"], one["status"], "voided_as_of" in one) for one in operations),
        leases=[one["pk"] for one in mappings if one.get("lease")],
    )


def _customer(one: dict[str, Any]) -> dict[str, Any]:
    archived = one["archivedAt"] is not None
    known = {name: one[name] for name in ("id", "name", "billingId")}
    return {**known, "archived": archived, "metadata": _metadata(one["metadata"])}


def _subscription(one: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    return {
        "id": labels[one["id"]],
        "customer": one["customerId"],
        "plan": one["planId"],
        "status": one["status"],
        "resource": one["resourceId"],
        "version": one["planVersion"],
        "waiting": [update["subscriptionScheduleType"] for update in one["futureUpdates"]],
        "addons": one["addons"],
        "entitlements": one["sent"].get("entitlements"),
        "cancellationDate": steady(one["cancellationDate"]),
        "metadata": _metadata(one["metadata"]),
        "invoice": one["latestInvoice"] and one["latestInvoice"]["status"],
        "waits": [(item["subscriptionScheduleType"], item["scheduleStatus"]) for item in one["futureUpdates"]],
    }


def _contract(one: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    members = sorted(labels[part["subscriptionId"]] for part in one["subscriptions"])
    shown = {name: one[name] for name in ("customerExternalId", "name", "poNumber", "state", "billingState")}
    return {"contract": one["contractId"], "of": members, **shown}


def _promotion(one: dict[str, Any]) -> dict[str, Any]:
    return {"of": one["customerId"], **{name: one[name] for name in ("featureId", "period", "usageLimit", "status")}}


def _metadata(metadata: dict[str, str] | None) -> dict[str, Any]:
    return {name: value for name, value in (metadata or {}).items() if name not in MARKS}


def steady(value: Any) -> Any:  # noqa: ANN401 - any part of an answer
    """Return a value, and of each moment in it that it is one."""
    match value:
        case dict():
            return {name: steady(part) for name, part in value.items()}
        case list():
            return [steady(part) for part in value]
        case str() if MOMENT.fullmatch(value):
            return "a moment"
        case _:
            return value


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _read(value) for name, value in item.items()}


def _ramp(ramp: dict[str, Any]) -> dict[str, Any]:
    """Return a ramp without what differs from run to run: of each segment, what it has and whether it was applied."""
    segments = [(segment["terms"], segment["applied_at"] is not None) for segment in ramp["segments"]]
    return {"segments": segments, "in force": ramp["in_force"], "over": ramp["is_over"]}


def _holds_something(item: dict[str, Any]) -> bool:
    """Whether an item says anything: a lease or a claim that came and went leaves an empty one, others a cursor."""
    if item["sk"] == "record" and item.get("claim"):
        return not {"current", "upcoming", "pending", "latest"}.isdisjoint(item)
    return item["sk"] not in {"customer", "cursor"} or "latest" in item


def _seen(item: dict[str, Any], labels: dict[str, str]) -> str:
    """Return an item as text, without what differs from run to run."""
    text = STEP.sub("a step", json.dumps(_steady(item), sort_keys=True, default=str))
    for subscription_id, label in labels.items():
        text = text.replace(subscription_id, label)
    return json.dumps(json.loads(text), sort_keys=True)  # in the order of the labels


def _steady(value: Any) -> Any:  # noqa: ANN401 - any part of an item
    if not isinstance(value, dict):
        return steady(value)
    kept = {name: _steady(part) for name, part in value.items() if name not in PASSING}
    if "ramp" in kept:
        kept["ramp"] = _ramp(json.loads(kept["ramp"]))
    if "event" in kept:
        kept["sk"] = "history"
    return kept
