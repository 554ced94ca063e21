"""The life of a subscription as a line of events: what has happened, and what lies ahead."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from console.web.words import moment, spaced

type Item = Mapping[str, Any]

_AHEAD_STATES = {"waiting", "refused"}


class Event(NamedTuple):
    """One event of the line."""

    at: datetime | None
    """None for a change that waits for a payment or whose time is not known."""
    title: str
    detail: str
    is_ahead: bool
    operation_key: str = ""


class Segment(NamedTuple):
    """A segment of a ramp, with its share of the picture."""

    title: str
    detail: str
    state: str
    percent: int


def timeline(found: Item, now: datetime) -> list[Event]:
    """Return the events of a record that get-subscription found, oldest first; those without a time come last."""
    events = [*_history(found), *_ahead(found, now)]
    return sorted(events, key=lambda event: (event.at is None, event.at or now))


def _history(found: Item) -> Iterator[Event]:
    for line in found.get("history", ()):
        outside = "Outside the actions, such as in the Stigg app. " if line.get("changedOutside") else ""
        others = (
            (line.get("replacedSubscriptionId"), "It replaced {}."),
            (line.get("replacedBySubscriptionId"), "{} replaced it."),
            (line.get("otherSalesforceRecordId"), "The other record is {}."),
        )
        linked = " ".join(text.format(other) for other, text in others if other)
        detail = f"{outside}Subscription {line['subscriptionId']}. {linked}".strip()
        yield Event(
            moment(line["at"]), spaced(line["event"]), detail, is_ahead=False, operation_key=line["operationKey"]
        )


def _ahead(found: Item, now: datetime) -> Iterator[Event]:
    subscription, mapping = found.get("subscription") or {}, found.get("mapping") or {}
    for change in subscription.get("scheduledChanges", ()):
        yield _scheduled(change)
    for number, segment in enumerate(found.get("ramp") or (), start=1):
        if segment["state"] in _AHEAD_STATES and segment.get("startDate"):
            yield Event(moment(segment["startDate"]), f"Segment {number} of the ramp", _terms(segment), is_ahead=True)
    dates = (
        (subscription.get("trialEndDate"), "The trial ends"),
        (subscription.get("cancellationDate"), "The subscription ends"),
        (mapping.get("upcomingStartsAt"), f"The next subscription starts: {mapping.get('upcomingPlanId', '')}"),
    )
    for date, title in dates:
        if date and moment(date) > now:
            yield Event(moment(date), title, "", is_ahead=True)


def _scheduled(change: Item) -> Event:
    at = change.get("takesEffectAt")
    waits = "Waits for a payment." if change["status"] == "PENDING_PAYMENT" else "Scheduled in Stigg."
    plan = f" New plan: {change['planId']}." if change.get("planId") else ""
    title = f"{spaced(str(change['change']).replace('_', ' ').lower())} changes"
    return Event(moment(at) if at else None, title, f"{waits}{plan}", is_ahead=True)


def segments(ramp: Sequence[Item], now: datetime) -> list[Segment]:
    """Return the segments of a ramp with their share of its whole time, in percent."""
    starts = [moment(one["startDate"]) if one.get("startDate") else None for one in ramp]
    ends = [moment(one["endDate"]) if one.get("endDate") else None for one in ramp]
    lengths = [
        max(((end or now) - (start or min(now, end or now))).total_seconds(), 1.0)
        for start, end in zip(starts, ends, strict=True)
    ]
    least = sum(lengths) / (len(lengths) * 4 or 1)
    widths = [max(length, least) for length in lengths]
    return [
        Segment(f"Segment {number}", _terms(one), str(one["state"]), round(width * 100 / sum(widths)))
        for number, (one, width) in enumerate(zip(ramp, widths, strict=True), start=1)
    ]


def _terms(segment: Item) -> str:
    """Return what a segment sells: units, price, add-ons and entitlements."""
    parts = [
        *([f"{segment['unitQuantity']} units"] if segment.get("unitQuantity") else []),
        *(
            [f"{segment['baseCharge']} {segment.get('baseChargeCurrency', '')}".strip()]
            if "baseCharge" in segment
            else []
        ),
        *(f"{addon['id']} x {addon['quantity']}" for addon in segment.get("addons", ())),
        *(
            f"{one['id']} {'unlimited' if one.get('unlimited') else one.get('quantity', '')}".strip()
            for one in segment.get("entitlements", ())
        ),
    ]
    return ", ".join(parts)
