"""The example requests under `events/<action>/`: `api.<case>.json` and `direct.<case>.json`.

An `api` file is an API Gateway proxy event, a `direct` file the body itself. A case that starts with `bad-` is
refused (4xx); every other one succeeds, once the customer, the subscription or the batch that it names exists. The
functions that AWS feeds have `sqs` and `stream` files, each an event of that source; a `bad-` one fails. A `webhook`
file is an API Gateway proxy event of a webhook of Stigg.
"""

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from local.stack.template import ROOT
from local.stigg_emulator.hosting import Emulator

FOLDER = ROOT / "events"
CALLERS, FEEDS = ("api", "direct"), ("sqs", "stream", "webhook")
NOBODY = "cust-nobody"
"""The one customer id in these files that no customer is meant to have."""
ANOTHER_CUSTOMER = "cust-globex"
"""The one customer in these files that asks for a record of another one."""
NOTHING_SOLD = "00k5g00000LnZzZ"
"""The one record in these files that is not meant to have a subscription when it is to be changed."""
NEVER_DOWNGRADED = "00k5g00000LnBbBAAV"
"""The one record in these files that has nothing to restore."""
OF_A_CONTRACT = {"downgrade-subscription", "renew-subscription"}
"""The actions that may put another plan in the place of one."""
OF_A_SUBSCRIPTION = OF_A_CONTRACT | {
    "cancel-scheduled-update",
    "cancel-subscription",
    "delegate-subscription",
    "get-subscription",
    "migrate-subscription",
    "mark-invoice-paid",
    "transfer-subscription",
    "reschedule-cancellation",
    "set-subscription-metadata",
    "update-subscription",
}
"""The actions that change, or show, a subscription that exists."""
SOLD = {
    "customerId": "cust-acme",
    "customerName": "Acme Corporation",
    "planId": "plan-workspace",
    "billingPeriod": "MONTHLY",
    "paymentCollectionMethod": "NONE",
    "cancellationDate": "2099-12-31",
    "metadata": {"opportunity": "0065g00000OpPtYAAV"},
}
"""The subscription that those are about, but for its record."""
ANNUALLY_LATER = {"billingPeriod": "ANNUALLY", "scheduleStrategy": "END_OF_BILLING_PERIOD"}
"""The change of it that waits and is to be dropped."""
GRANTED = {
    "customerId": "cust-acme",
    "currencyId": "cred-type-tokens",
    "amount": 500,
    "displayName": "Welcome credits",
    "grantType": "PROMOTIONAL",
}
"""The credits that are to be voided, but for their record."""
MAKES_ITS_CUSTOMER = {"create-customer", "provision-opportunity"}
"""The actions before which no customer need be there."""
WON_DEAL = "provision_opportunity/api.won-deal"
"""The deal that is changed in these files."""
CHANGES_A_DEAL = {
    "api.ends-removed-lines.json",
    "api.ends-with-the-rest.json",
    "api.five-more-seats.json",
    "api.dry-run.json",
}
"""The files about a deal that was won before."""
SUBMITTED = "submit_batch/direct.with-key"
"""The batch that is asked for in these files."""
OF_THE_APP = {
    "id": "subscription-workspace-4f1c",
    "customerId": "cust-acme",
    "planId": "plan-workspace",
    "resourceId": "workspace-munich",
    "billingPeriod": "MONTHLY",
    "paymentCollectionMethod": "NONE",
}
"""The subscription that was sold in the Stigg app and is to be adopted in these files."""
REHEARSED_FOR = {"salesforceAccountId": "0015g00000WiDgEAAV", "name": "Acme Corporation", "billingCurrency": "USD"}
"""The customer for whom a new opportunity is rehearsed: Stigg prices for a customer."""
REPLAYED = {"customerId": "cust-acme", "name": "Acme Corporation"}
"""The request whose operation is replayed in these files."""
ARCHIVED = "archive_customer/direct.with-key"
"""The archiving that is taken back in these files."""
NEW_CONTRACT = "provision_contract/api.new"
"""The contract that is changed, and archived, in these files by its record."""
NAMED_CONTRACT = "provision_contract/direct.with-key"
"""The contract that is archived in these files by its id."""
CONTRACT = {"planId": "plan-growth", "addons": [{"id": "addon-seats", "quantity": 5}]}
"""What a contract has in its place: a plan of several, of which a customer has one."""
WHOLE_ACCOUNT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("create-customer", {"customerId": "cust-acme", "name": "Acme Corp", "salesforceAccountId": "0015g00000XyAcM"}),
    (
        "create-subscription",
        {
            **SOLD,
            "customerName": "",
            "salesforceRecordId": "8005g00000CtRnAAAV",
            "resourceId": "workspace-berlin",
            "paymentCollectionMethod": "INVOICE",
        },
    ),
    ("create-credit-grant", {**GRANTED, "salesforceRecordId": "00k5g00000LnAaA", "expireAt": "2099-12-31"}),
)
"""What the account has that is to be shown whole."""
BEFORE = {
    "adopt-subscription": (("create-customer", REPLAYED),),
    "get-customer": WHOLE_ACCOUNT,
    "import-customer": (("create-customer", REPLAYED),),
    "import-subscription": (("create-customer", REPLAYED),),
    "merge-customers": (
        ("create-customer", REPLAYED),
        (
            "create-subscription",
            {**SOLD, "customerId": "cust-globex", "salesforceRecordId": "00k5g00000LnCcCAAV", "resourceId": "desk"},
        ),
    ),
    "replay-operation": (("create-customer", REPLAYED),),
}
"""What comes before every event of an action."""


@dataclass(frozen=True)
class Event:
    """One file."""

    path: Path

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def action(self) -> str:
        """The action that it calls, as its route is named, or the function that it feeds."""
        return self.path.parent.name.replace("_", "-")

    @property
    def caller(self) -> str:
        """Who sends it: `api` or `direct`; `sqs` or `stream`."""
        return self.path.name.split(".")[0]

    @property
    def is_refused(self) -> bool:
        """Whether the action must refuse it."""
        return self.path.name.split(".")[1].startswith("bad-")

    @cached_property
    def content(self) -> Any:  # noqa: ANN401 - any JSON
        """The file, as JSON."""
        return json.loads(self.path.read_text())

    @property
    def body(self) -> str:
        """The text of the request's body, whoever sends it."""
        if self.caller == "direct":
            return self.path.read_text()
        text: str = self.content["body"]
        return base64.b64decode(text).decode() if self.content["isBase64Encoded"] else text

    def earlier(self) -> list[tuple[str, dict[str, Any]]]:
        """The actions that must come before, with their requests: they make what this one is about."""
        if self.action in MAKES_ITS_CUSTOMER:
            return _before_a_deal(self.path.name)
        if self.action == "get-batch":
            return [("submit-batch", json.loads(event(SUBMITTED).body))]
        if self.action in BEFORE:
            return list(BEFORE[self.action])
        return self._before(json.loads(self.body))

    def _before(self, body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """Return what must come before a request about a customer, a contract or a subscription."""
        if self.action in {"provision-contract", "archive-contract"}:
            return _contract(self, body)
        if body.get("customerId") == ANOTHER_CUSTOMER:
            return [("create-subscription", {**SOLD, **CONTRACT, "salesforceRecordId": body["salesforceRecordId"]})]
        if self.action == "void-credit-grant" and "salesforceRecordId" in body:
            return _grant(body["salesforceRecordId"])
        takes_back = self.action == "revoke-promotional-entitlement" and not self.is_refused
        granted = [_promotion(body)] if takes_back else []
        goes = _destination(body) if self.action == "delegate-subscription" and not self.is_refused else []
        sold = _subscription(self.action, body) if self.action in OF_A_SUBSCRIPTION else _customer(body)
        return [*sold, *granted, *goes]

    def arrange(self, stigg: Emulator) -> None:
        """Do in the Stigg app what must come before and no action does."""
        if self.action == "adopt-subscription":
            stigg.by_hand("POST", "/api/v1/subscriptions", OF_THE_APP)
        if self.action == "migrate-subscription" and not self.is_refused:
            stigg.publish_plan(str(SOLD["planId"]), {"MONTHLY": {"usd": 25}})


def _before_a_deal(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what comes before an opportunity that was sold before: its first version, or only its customer."""
    if name in CHANGES_A_DEAL:
        return [("provision-opportunity", json.loads(event(WON_DEAL).body))]
    return [("create-customer", REHEARSED_FOR)] if name.startswith("direct.dry-run") else []


def _customer(body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    named = {name: body[name] for name in ("customerId", "salesforceAccountId") if body.get(name)}
    needs_none = not named or named.get("customerId") == NOBODY
    archived = [("archive-customer", json.loads(event(ARCHIVED).body))] if body.get("restore") else []
    return [] if needs_none else [("create-customer", {**named, "name": "Acme Corporation"}), *archived]


def _contract(file: Event, body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Provision the contract that is changed or archived, for a customer; the first one needs the customer alone."""
    first = NEW_CONTRACT if "salesforceRecordId" in body else NAMED_CONTRACT
    made = json.loads(event(first).body)
    is_there = not file.is_refused and made != body
    return [*_customer(made), *([("provision-contract", made)] if is_there else [])]


def _grant(record: str) -> list[tuple[str, dict[str, Any]]]:
    """Grant credits for the record that is named."""
    if record == NOTHING_SOLD:
        return []
    return [*_customer(GRANTED), ("create-credit-grant", {**GRANTED, "salesforceRecordId": record})]


def _promotion(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Grant the feature that is to be revoked."""
    names = ("customerId", "salesforceAccountId", "featureId")
    granted: dict[str, Any] = {name: body[name] for name in names if name in body}
    return ("grant-promotional-entitlement", granted | {"period": "1 month"})


def _destination(body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Make the customer to whom a subscription moves."""
    names = {"customerId": "destinationCustomerId", "salesforceAccountId": "destinationSalesforceAccountId"}
    return _customer({name: body[field] for name, field in names.items() if field in body})


def _subscription(action: str, body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Provision for the record that is named, beside what runs already; change what is to be restored or dropped."""
    record = body.get("salesforceRecordId")
    if record in {None, NOTHING_SOLD}:
        return []
    plan = {"customerId": f"cust-{record}", **CONTRACT} if action in OF_A_CONTRACT else {"resourceId": record}
    paid = {"paymentCollectionMethod": "INVOICE"} if action == "mark-invoice-paid" else {}
    sold = ("create-subscription", {**SOLD, "salesforceRecordId": record, **plan, **paid})
    named = {"salesforceRecordId": record}
    if action == "cancel-scheduled-update":
        return [sold, ("update-subscription", {**named, **ANNUALLY_LATER})]
    restores = body.get("restore") and record != NEVER_DOWNGRADED
    return [sold, *([("downgrade-subscription", named)] if restores else [])]


def event(name: str) -> Event:
    """The event of a name such as `create_customer/api.with-email`."""
    return Event(FOLDER / f"{name}.json")


def events(*senders: str) -> list[Event]:
    """Every event of these senders; if none is named, of all callers."""
    return [Event(path) for path in sorted(FOLDER.glob("*/*.json")) if Event(path).caller in (senders or CALLERS)]
