"""What an amendment sends, where it is clumsy to show through the action."""

from decimal import Decimal
from typing import Any

import pytest

from stigg_actions.errors import RequestInvalid
from stigg_actions.stigg.schemas import Subscription
from stigg_actions.subscriptions.amendment import Amendment
from stigg_actions.subscriptions.terms import SubscriptionTerms

SEATS = {"id": "addon-seats", "quantity": 5}
USERS = {"type": "FEATURE", "id": "feature-seats", "usageLimit": 50}
SSO = {"type": "FEATURE", "id": "feature-sso"}
OURS = {"planId": "plan-growth"}


def terms_of(remembered: dict[str, Any], **shown: Any) -> SubscriptionTerms:  # noqa: ANN401 - any field of an answer
    """A subscription as Stigg shows it, with what is remembered of it."""
    answer = {"id": "sub-1", "customerId": "acme", "planId": "plan-growth", "status": "ACTIVE", **shown}
    return SubscriptionTerms(Subscription.model_validate(answer), remembered)


def test_modifiers_alone_are_nothing_to_send() -> None:
    """How to change is only sent with what is to change."""
    how = {"scheduleStrategy": "IMMEDIATE"}

    assert Amendment({"addons": [SEATS]}, modifiers=how).body(terms_of(OURS, addons=[SEATS])) == {}
    assert Amendment({"addons": [SEATS]}, modifiers=how).body(terms_of(OURS)) == {"addons": [SEATS], **how}


def test_a_billing_cycle_is_something_to_send() -> None:
    """A billing cycle that starts now is sent, and nothing with it that stands already."""
    now = {"billingCycleAnchor": "NOW"}

    assert Amendment({"addons": [SEATS]}, modifiers=now).body(terms_of(OURS, addons=[SEATS])) == now


@pytest.mark.parametrize("name", ["addons", "charges", "entitlements", "priceOverrides"])
def test_a_list_with_nothing_to_merge(name: str) -> None:
    """A list without items merges nothing, even where the present items are unknown; to replace them is a change."""
    unknown = terms_of({}, subscriptionEntitlements=[{"id": "feature-sso", "type": "FEATURE"}], addons=[SEATS])

    assert Amendment({name: []}).body(unknown) == {}
    assert Amendment({name: []}).touched == set()
    assert Amendment({name: []}, merges=False).body(unknown) == {name: []}


def test_what_is_touched() -> None:
    """A list is touched by what is given and by what is removed, but not by removing nothing."""
    amendment = Amendment({"budget": None}, {"addons": frozenset(), "charges": frozenset({"feature-seats"})})

    assert amendment.touched == {"budget", "charges"}


def test_numbers_are_compared_by_value() -> None:
    """5 is 5.0, and an answer's further fields of a minimum spend are no difference."""
    spend = {"amount": 5, "currency": "usd"}
    shown = terms_of(OURS, minimumSpend={"amount": Decimal("5.0"), "currency": "usd", "formatted": "$5"})

    assert Amendment({"minimumSpend": spend}).body(shown) == {}
    assert Amendment({"minimumSpend": spend | {"amount": 6}}).body(shown) == {"minimumSpend": spend | {"amount": 6}}


@pytest.mark.parametrize(
    ("remembered", "given", "removed", "becomes"),
    [
        ([USERS], [SSO], set(), [USERS, SSO]),  # an earlier run has added it: Stigg shows both
        ([USERS, SSO, {"type": "FEATURE", "id": "gone"}], [], {"gone"}, [USERS, SSO]),  # an earlier run has removed it
        ([], [USERS, SSO], set(), [USERS, SSO]),  # nobody knows the limits, but all are named
    ],
)
def test_entitlements_that_stigg_shows_differently(
    remembered: list[Any], given: list[Any], removed: set[str], becomes: list[Any]
) -> None:
    """Limits are taken from memory if Stigg shows just what the change leads to, or needed from nobody."""
    shown = [{"id": "feature-seats"}, {"id": "feature-sso"}]
    terms = terms_of(OURS | {"entitlements": remembered}, subscriptionEntitlements=shown)

    amendment = Amendment({"entitlements": given}, {"entitlements": frozenset(removed)})

    assert amendment.wanted(terms)["entitlements"] == becomes


def test_entitlements_that_nobody_knows() -> None:
    """Any other difference is refused, naming what is at stake and not what the request names itself."""
    shown = [{"id": "feature-seats"}, {"id": "feature-api-calls"}]
    terms = terms_of(OURS | {"entitlements": [USERS]}, subscriptionEntitlements=shown)

    with pytest.raises(RequestInvalid) as caught:
        Amendment({"entitlements": [USERS, SSO]}).body(terms)

    assert "the limits of feature-api-calls." in str(caught.value)


def test_a_replacement_needs_to_know_nothing() -> None:
    """What is given in full is sent, whatever was there, and the marks in the metadata stay."""
    terms = terms_of({}, metadata={"stiggActionsKey": "key-1", "region": "eu"})
    given = {"charges": [], "billingInformation": {"taxPercentage": 19}, "metadata": {"tier": "gold"}}

    assert Amendment(given, merges=False).body(terms) == {
        **given,
        "metadata": {"stiggActionsKey": "key-1", "tier": "gold"},
    }
