"""Usage of metered features: reports that add an amount or set a total, counted in the periods of an entitlement."""

from datetime import datetime, timedelta
from typing import NamedTuple

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.checks import check_feature
from local.stigg_emulator.errors import bad_input
from local.stigg_emulator.periods import period_around
from local.stigg_emulator.records import RUNNING, Subscription, UsageReport
from local.stigg_emulator.world import Call, World, new_id

KEYS_KEPT = timedelta(days=7)
MONTHS = {"MONTH": 1, "YEAR": 12}
LENGTHS = {"WEEK": timedelta(weeks=1), "DAY": timedelta(days=1), "HOUR": timedelta(hours=1)}
PLACES = 5


class Use(NamedTuple):
    """The usage of a feature, and the period that it is counted in, if the entitlement resets."""

    amount: float
    period: tuple[datetime, datetime] | None = None


def report(world: World, call: Call) -> Json:
    """POST /usage: count each report once by its key; all are checked before one is counted."""
    for item in call.body["usages"]:
        _check(world, item)
    return {"data": [_counted(world, item) for item in call.body["usages"]]}


def use_of(world: World, subscription: Subscription, item: Json) -> Use:
    """Return what a subscription's customer has used of an entitlement."""
    resource = subscription.sent.get("resourceId")
    period = _period(subscription, item.get("resetPeriod"), world.now)
    return Use(_sum(world, (subscription.customer_id, item["id"], resource), period), period)


def entitled_by(subscription: Subscription) -> dict[tuple[str, str], Json]:
    """Return the plan's entitlements with the subscription's own in their place, by type and id."""
    own = subscription.sent.get("entitlements", [])
    return {(item["type"], item["id"]): item for item in [*subscription.plan.entitlements, *own]}


def _check(world: World, item: Json) -> None:
    world.open_customer(item["customerId"])
    check_feature(world.catalog, item["featureId"])
    if world.catalog.features[item["featureId"]]["featureType"] != "NUMBER":
        raise bad_input(f"feature {item['featureId']} is not metered")


def _counted(world: World, item: Json) -> Json:
    key, oldest = item.get("idempotencyKey"), world.now - KEYS_KEPT
    same = (one for one in world.usage if one.key == key and one.reported_at > oldest)
    known = next(same, None) if key else None
    if known is None:
        known = _report(world, item)
        world.usage.append(known)
    return _shown(known, _use(world, item))


def _report(world: World, item: Json) -> UsageReport:
    value = round(item["value"], PLACES)
    before = _use(world, item).amount if item.get("updateBehavior") == "SET" else 0
    return UsageReport(
        id=new_id("measurement"),
        customer_id=item["customerId"],
        feature_id=item["featureId"],
        resource_id=item.get("resourceId"),
        value=value,
        amount=round(value - before, PLACES),
        at=clock.read_optional(item.get("createdAt")) or world.now,
        reported_at=world.now,
        key=item.get("idempotencyKey"),
    )


def _use(world: World, item: Json) -> Use:
    """Return the usage of a report's feature: in the period of an entitlement to it, or of all time without one."""
    place = (item["customerId"], item["featureId"], item.get("resourceId"))
    for subscription in world.subscriptions_of(item["customerId"]):
        entitled = entitled_by(subscription).get(("FEATURE", item["featureId"]))
        is_here = subscription.status in RUNNING and subscription.sent.get("resourceId") == item.get("resourceId")
        if entitled and is_here:
            return use_of(world, subscription, entitled)
    return Use(_sum(world, place, None))


def _sum(world: World, place: tuple[str, str, str | None], period: tuple[datetime, datetime] | None) -> float:
    amounts = (
        one.amount for one in world.usage if one.place == place and (period is None or period[0] <= one.at < period[1])
    )
    return round(sum(amounts), PLACES)


def _period(subscription: Subscription, reset: str | None, now: datetime) -> tuple[datetime, datetime] | None:
    if reset is None:
        return None
    if reset in MONTHS:
        return period_around(subscription.start, MONTHS[reset], now)
    length = LENGTHS[reset]
    start = subscription.start + (now - subscription.start) // length * length
    return start, start + length


def _shown(report: UsageReport, use: Use) -> Json:
    start, end = use.period or (None, None)
    return {
        "id": report.id,
        "createdAt": clock.write(report.reported_at),
        "customerId": report.customer_id,
        "featureId": report.feature_id,
        "resourceId": report.resource_id,
        "timestamp": clock.write(report.at),
        "value": report.value,
        "currentUsage": use.amount,
        "nextResetDate": clock.write(end) if end else None,
        "usagePeriodStart": clock.write(start) if start else None,
        "usagePeriodEnd": clock.write(end) if end else None,
    }
