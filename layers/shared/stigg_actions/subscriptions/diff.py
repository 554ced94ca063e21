"""The answer for a changed subscription, and the differences that it lists."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.clock import iso
from stigg_actions.models.subscription_data import Change, ChangedSubscription
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.subscriptions.response_fields import drop_none, scheduled_changes, subscription_data
from stigg_actions.subscriptions.terms import LISTS, SubscriptionTerms, by_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stigg_actions.stigg.schemas import Subscription

type Picture = Mapping[str, str]
"""A subscription as text, by field."""


def changed(
    after: Subscription, *, outcome: str, changes: Sequence[Change] = (), fallback_used: str | None = None
) -> ChangedSubscription:
    """Return the answer for a changed subscription, with the changes if it was read before."""
    fields = changed_fields(after, outcome=outcome, changes=changes)
    return ChangedSubscription.model_validate({**fields, **drop_none({"fallback_used": fallback_used})})


def changed_fields(after: Subscription, *, outcome: str, changes: Sequence[Change] = ()) -> dict[str, Any]:
    """Return the fields of the answer for a changed subscription."""
    return {
        "outcome": outcome,
        **subscription_data(after),
        "changes": list(changes),
        "scheduled_changes": scheduled_changes(after),
    }


def picture(terms: SubscriptionTerms) -> Picture:
    """Return the known terms of a subscription as text: as Stigg returns them, or as they were last sent."""
    waiting = {
        f"scheduled.{change.change}": change.takes_effect_at or change.status
        for change in scheduled_changes(terms.current)
    }
    return {"status": terms.current.status, **picture_of(terms.known()), **picture_of(waiting)}


def picture_of(terms: Mapping[str, Any]) -> Picture:
    """Return terms as text: lists and metadata item by item, without the actions' own keys."""
    return dict(pair for name, value in terms.items() if value is not None for pair in _pairs(name, value))


def differences(before: Picture, after: Picture) -> list[Change]:
    """Return what differs between two pictures of a subscription."""
    fields = sorted(before.keys() | after.keys())
    return [
        Change.model_validate(drop_none({"field": field, "before": before.get(field), "after": after.get(field)}))
        for field in fields
        if before.get(field) != after.get(field)
    ]


def changes_by_amendment(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Change]:
    """Return what an amendment changes of the known terms; None clears a term."""
    return differences(picture_of(known), picture_of({**known, **wanted}))


def changes_between(before: Subscription, after: Subscription) -> list[Change]:
    """Return what Stigg shows differently of a subscription after a change."""
    return differences(picture(SubscriptionTerms(before, {})), picture(SubscriptionTerms(after, {})))


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any term
    if name == "metadata":
        yield from ((f"metadata.{key}", text) for key, text in value.items() if key not in RESERVED_METADATA)
    elif name in LISTS:
        yield from ((f"{name}.{key}", _as_text(_amount(item))) for key, item in by_name(name, value).items())
    else:
        yield name, _as_text(value)


def _amount(item: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the rest of an item
    rest = {name: value for name, value in item.items() if name not in {"id", "type"}}
    return rest["quantity"] if rest.keys() == {"quantity"} else rest


def _as_text(value: Any) -> str:  # noqa: ANN401 - any term
    match value:
        case str():
            return value
        case datetime():
            return _moment(value)
        case _:
            return decimal_json.dumps(value, sort=True)


def _moment(moment: datetime) -> str:
    return iso(moment.timestamp())
