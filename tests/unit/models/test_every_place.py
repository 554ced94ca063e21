"""A value that no system can use is refused under its field, in whatever request and at whatever depth it stands."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from scripts.action_models import models
from stigg_actions.errors import RequestInvalid
from stigg_actions.models.parsing import parse
from tests.support.valid_requests import BY_ACTION, Body

if TYPE_CHECKING:
    from stigg_actions.models.base import ActionRequest

NULL, ORGANIZATION = "000000000000000AAA", "00D000000000001EAA"
ACCOUNT, OPPORTUNITY = "0019000000B98de", "0069000000B98de"
TEXTS = {
    *("billingId", "billingCouponId", "chargeOnBehalfOfAccount", "city", "comment", "costFormula", "country"),
    *(
        "customerName",
        "description",
        "displayName",
        "language",
        "line1",
        "line2",
        "name",
        "paymentMethodId",
        "postalCode",
    ),
    *("promotionCode", "referenceId", "state", "syncedEntityId", "timezone"),
}
DATES = {"cancellationDate", "effectiveAt", "endDate", "expireAt", "startDate", "trialEndDate"}
RECORDS = {"newSalesforceRecordId", "planLineItemId", "salesforceLineItemId", "salesforceRecordId"}
BAD: dict[str, tuple[set[str], list[str]]] = {
    "currency": ({"billingCurrency", "currency"}, ["HUF", "xxx", "US\u200bD"]),
    "account": ({"salesforceAccountId"}, [OPPORTUNITY, ORGANIZATION, NULL, NULL[:15]]),
    "opportunity": ({"salesforceOpportunityId"}, [ACCOUNT, "00k9000000B98d1", NULL]),
    "organization": ({"salesforceOrgId"}, [ACCOUNT, NULL]),
    "record": (RECORDS, [NULL, NULL[:15], ORGANIZATION]),
    "any id": ({"salesforceId"}, [NULL, NULL[:15]]),
    "text": (TEXTS, ["\u200b", "\u3164\u2060", "a\x9bb", "a\u202eb"]),
    "e-mail": ({"customerEmail", "email"}, ["a\u200b@b.example", "a@b\u200e.example"]),
    "address": ({"cancelUrl", "successUrl"}, ["https://x.example/\u200b"]),
    "date": (DATES, ["2026-01-31T00:00:00+15:00", "2026-02-30", "2026-01-31T24:00:00"]),
    "number": ({"amount", "quantity", "unitPrice"}, ["1,000", "NaN", "1e400", "\uff15"]),
}
"""By what they are: names of fields, and what no field of these names takes."""


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any, str]]:  # noqa: ANN401 - any JSON
    """Yield every field in a body: its path as errors tell it, and its container and name."""
    items = value.items() if isinstance(value, dict) else ()
    for name, item in items:
        at = f"{path}.{name}" if path else name
        yield at, value, name
        yield from places(item, at)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from places(item, f"{path}[{index}]")


def refused(action: str, body: Body, path: str, bad: str) -> set[str]:
    """Return the fields for which a good request is refused with another value at a path."""
    changed = json.loads(json.dumps(body))  # no object stands in two places
    ((container, name),) = [(container, name) for at, container, name in places(changed) if at == path]
    container[name] = bad
    request: type[ActionRequest] = models(action.replace("_", "-"))[0]
    try:
        parse(request, changed)
    except RequestInvalid as error:
        return {detail.field for detail in error.details}
    return set()


def named(body: Body, names: set[str]) -> list[str]:
    """Return the places in a body of fields with one of these names; a line that is not Stigg's may hold anything."""
    return [
        path for path, holder, name in places(body) if name in names and holder.keys() != {"salesforceLineItemId", name}
    ]


CASES = [
    (action, kind)
    for action, bodies in BY_ACTION.items()
    for kind, (names, _) in BAD.items()
    if any(named(body, names) for body in bodies)
]


@pytest.mark.parametrize(("action", "kind"), CASES)
def test_bad_value(action: str, kind: str) -> None:
    """One bad value makes a good request one that is refused for that field, and for nothing else."""
    names, values = BAD[kind]
    cases = [(body, path, bad) for body in BY_ACTION[action] for path in named(body, names) for bad in values]

    assert [(path, bad) for body, path, bad in cases if refused(action, body, path, bad) != {path}] == []


def test_every_place_is_met() -> None:
    """Every name that is spoiled stands in a good request."""
    met = {name for bodies in BY_ACTION.values() for body in bodies for _, _, name in places(body)}

    assert set().union(*(names for names, _ in BAD.values())) - met == set()
