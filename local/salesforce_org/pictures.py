"""The screens that the guide shows: what is sold before, and how a user gets to each."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

from local.salesforce_org.org import Org
from local.salesforce_org.screens import Visit, open_action
from local.salesforce_org.selling import account, addon, deal, feature, grant, plan, win


class Scene(NamedTuple):
    """Records of the guide's screens."""

    org: Org
    account: str
    contract: str
    deal: str
    failed: str


def scene(org: Org) -> Scene:
    """Sell a subscription with usage and credits, leave one deal open, and let another one fail."""
    buyer = account(org, "Acme")
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    end = org.clock.date() + timedelta(days=365)
    win(org, deal(org, buyer, plan(), addon(), feature(), grant(), ContractId=contract, Stigg_End_Date__c=end))
    record = org.read(contract, "Stigg_Record_ID__c")
    change = {"billingPeriod": "ANNUALLY", "scheduleStrategy": "END_OF_BILLING_PERIOD"}
    _call(org, "update-subscription", {"salesforceRecordId": record, **change})
    used = {"customerId": org.read(buyer, "Stigg_Customer_ID__c"), "idempotencyKey": "picture"}
    _call(org, "report-usage", {"featureId": "feature-api-calls", "value": 640, **used})
    prospect = account(org, "Globex")
    _call(org, "create-customer", {"salesforceAccountId": prospect, "name": "Globex"})
    following = deal(org, prospect, plan(), addon(quantity=20.0), feature(), grant("cred-type-tokns"))
    failed = deal(org, buyer, plan("plan-grwth"))
    win(org, failed)
    return Scene(org, buyer, contract, following, failed)


def _customer(scene: Scene) -> Visit:
    return open_action(scene.org, "Account.Stigg_Customer", scene.account)


def _access(scene: Scene) -> Visit:
    return open_action(scene.org, "Account.Stigg_Grant_Access", scene.account)


def _subscription(scene: Scene) -> Visit:
    return open_action(scene.org, "Contract.Stigg_Subscription", scene.contract)


def _cancellation(scene: Scene) -> Visit:
    visit = _subscription(scene)
    visit.press("Next", What_To_Do="Cancel the subscription")
    visit.press("Next", Cancel_When="At the end of the billing period")
    return visit


def _preview(scene: Scene) -> Visit:
    return open_action(scene.org, "Opportunity.Stigg_Preview_Deal", scene.deal)


def _try_again(scene: Scene) -> Visit:
    return open_action(scene.org, "Opportunity.Stigg_Try_Again", scene.failed)


def _outage(scene: Scene) -> Visit:
    plainly = scene.org.gateway
    scene.org.gateway = lambda _action, _body: (403, {"errorMessage": "ACCESS_DENIED: The AWS user lacks the policy."})
    visit = _customer(scene)
    scene.org.gateway = plainly
    return visit


PICTURES: dict[str, Callable[[Scene], Visit]] = {
    "preview-deal": _preview,
    "customer": _customer,
    "subscription": _subscription,
    "cancel": _cancellation,
    "grant-access": _access,
    "try-again": _try_again,
    "outage": _outage,
}
"""Ways to the screens, by the names of their pictures."""


def visits(org: Org) -> Iterator[tuple[str, Visit]]:
    """Yield every picture's name and the screen that it shows."""
    made = scene(org)
    for name, way in PICTURES.items():
        yield name, way(made)


def _call(org: Org, action: str, request: dict[str, object]) -> None:
    status, answer = org.gateway(action, json.dumps(request))
    if status != 200:
        raise ValueError(answer["errorMessage"])
