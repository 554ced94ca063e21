"""Usage of metered features: reports that add an amount or set a total, counted in the periods of an entitlement."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.checks import check_feature
from local.stigg_emulator.errors import bad_input
from local.stigg_emulator.periods import period_around
from local.stigg_emulator.records import RUNNING, Promotion, Subscription, UsageReport
from local.stigg_emulator.world import Call, World, new_id

KEYS_KEPT = timedelta(days=7)
MONTHS = {"MONTH": 1, "YEAR": 12}
LENGTHS = {"WEEK": timedelta(weeks=1), "DAY": timedelta(days=1), "HOUR": timedelta(hours=1)}
PLACES = 5
WEEKDAYS = (
    "EveryMonday",
    "EveryTuesday",
    "EveryWednesday",
    "EveryThursday",
    "EveryFriday",
    "EverySaturday",
    "EverySunday",
)


class Use(NamedTuple):
    """The usage of a feature, and the period that it is counted in, if the entitlement resets."""

    amount: float
    period: tuple[datetime, datetime] | None = None


def report(world: World, call: Call) -> Json:
    """POST /usage: count each report once by its key; all are checked before one is counted."""
    for item in call.body["usages"]:
        _check(world, item)
    return {"data": [_counted(world, item) for item in call.body["usages"]]}


def use_of(world: World, owner: Subscription | Promotion, item: Json) -> Use:
    """Return what the customer of a subscription or a promotional entitlement has used of a feature."""
    period = _period(owner.start, item, world.now)
    return Use(_sum(world, (owner.customer_id, item["id"], owner.sent.get("resourceId")), period), period)


def generosity(item: Json) -> tuple[bool, float]:
    """Return by what the more generous of two entitlements to a feature is found."""
    return bool(item.get("hasUnlimitedUsage")), item.get("usageLimit") or 0


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
    sources = list(_sources(world, *place))
    if not sources:
        return Use(_sum(world, place, None))
    return use_of(world, *max(sources, key=lambda source: generosity(source[1])))


def _sources(
    world: World, customer_id: str, feature_id: str, resource_id: str | None
) -> Iterator[tuple[Subscription | Promotion, Json]]:
    """List what entitles a customer to a feature: subscriptions on the resource, a promotional entitlement on none."""
    for subscription in world.subscriptions_of(customer_id):
        entitled = entitled_by(subscription).get(("FEATURE", feature_id))
        if entitled and subscription.status in RUNNING and subscription.sent.get("resourceId") == resource_id:
            yield subscription, entitled
    promotion = world.promotions.get((customer_id, feature_id))
    if promotion and resource_id is None and promotion.status(world.now) == "Active":
        yield promotion, promotion.entitlement


def _sum(world: World, place: tuple[str, str, str | None], period: tuple[datetime, datetime] | None) -> float:
    amounts = (
        one.amount for one in world.usage if one.place == place and (period is None or period[0] <= one.at < period[1])
    )
    return round(sum(amounts), PLACES)


def _period(start: datetime, item: Json, now: datetime) -> tuple[datetime, datetime] | None:
    reset = item.get("resetPeriod")
    if reset is None:
        return None
    anchor = _anchor(start, item)
    if reset in MONTHS:
        return period_around(anchor, MONTHS[reset], now)
    length = LENGTHS[reset]
    begin = anchor + (now - anchor) // length * length
    return begin, begin + length


def _anchor(start: datetime, item: Json) -> datetime:
    """Return the moment that the periods of a limit are counted from."""
    words = [(item.get(f"{name}ResetPeriodConfiguration") or {}).get("accordingTo") for name in ("monthly", "weekly")]
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if words[0] == "StartOfTheMonth":
        return midnight.replace(day=1)
    if words[1] in WEEKDAYS:
        return midnight - timedelta(days=(start.weekday() - WEEKDAYS.index(words[1])) % 7)
    return start


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
