"""Stand-ins in memory: a clock, Secrets Manager, DynamoDB, and a Stigg behind httpx's own transport seam."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import httpx
from botocore.exceptions import ClientError

from stigg_actions.secrets import Secrets, WebhookSecrets
from stigg_actions.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEY = "server-first-key"
HELD = "sub-held"
HELD_FOR = "a0D30000001n7PiEAI"
"""The one subscription that a willing Stigg has, and the record that it was provisioned for."""
HELD_GRANT = "cred-grant-held"
"""The one grant that it has."""
MIGRATION = {
    "scheduleStatus": "SCHEDULED",
    "subscriptionScheduleType": "MIGRATE_TO_LATEST",
    "scheduledExecutionTime": "2099-12-31T00:00:00Z",
}
"""A migration of it that is scheduled."""
HELD_CONTRACT = "contract-held"
CUSTOM_PLAN = "plan-custom"
"""A plan that can be on a contract."""
HELD_FEATURE = "feature-held"
"""The one feature that its customer has by a promotional entitlement."""
ROTATED_KEY = "server-second-key"


@dataclass
class FakeClock:
    """A clock that stands still until somebody waits."""

    time: float = 1_800_000_000.0
    waited: list[float] = field(default_factory=list)

    def now(self) -> float:
        """Return the moment it is made to show."""
        return self.time

    def wait(self, seconds: float) -> None:
        """Let the time pass at once, and remember for how long."""
        self.waited.append(seconds)
        self.time += seconds


def secret_text(**changes: object) -> str:
    """Return the JSON text of a good secret, with changes; None leaves a field out."""
    content = {"apiKey": KEY, "environment": "development", **changes}
    return json.dumps({name: value for name, value in content.items() if value is not None})


class FakeSecretsManager:
    """Secrets Manager that answers with a series of contents or errors; the last one stays."""

    def __init__(self, *series: str | Mapping[str, Any] | Exception) -> None:
        self._series = [*series]
        self.reads: list[str] = []

    @property
    def client(self) -> "SecretsManagerClient":
        """The same, for whoever expects boto3's client."""
        return cast("SecretsManagerClient", self)

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's own name
        """Return the next content."""
        self.reads.append(SecretId)
        content = self._series.pop(0) if len(self._series) > 1 else self._series[0]
        if isinstance(content, Exception):
            raise content
        return {"SecretString": content} if isinstance(content, str) else content


class SecretsByName:
    """Secrets Manager that holds a content or an error for each secret, by its id."""

    def __init__(self, **contents: str | Mapping[str, Any] | Exception) -> None:
        self._held = {name: FakeSecretsManager(content) for name, content in contents.items()}

    @property
    def client(self) -> "SecretsManagerClient":
        """The same, for whoever expects boto3's client."""
        return cast("SecretsManagerClient", self)

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's own name
        """Return the content of one."""
        return self._held[SecretId].get_secret_value(SecretId=SecretId)


def secrets_of(manager: FakeSecretsManager, clock: FakeClock) -> Secrets:
    """Return the secret of the development environment, out of a Secrets Manager."""
    return Secrets(manager.client, secret_id="stigg/development", environment="development", clock=clock)


def webhook_secrets_of(
    manager: "FakeSecretsManager | SecretsByName", clock: FakeClock, fallback_id: str | None = None
) -> WebhookSecrets:
    """Return the webhook secret of the development environment, out of a Secrets Manager."""
    return WebhookSecrets(
        manager.client, secret_id="webhook", environment="development", clock=clock, fallback_id=fallback_id
    )


def aws_error(code: str, **response: object) -> ClientError:
    """Return the error that boto3 raises for an AWS error code."""
    return ClientError(cast("Any", {"Error": {"Code": code, "Message": code}, **response}), "Operation")


@dataclass(frozen=True)
class Answer:
    """One answer of Stigg: status, body (JSON, or text as it is), headers."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> httpx.Response:
        """Return the answer as httpx has it."""
        content = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return httpx.Response(self.status, content=content, headers=dict(self.headers))


def data(body: object, status: int = 200) -> Answer:
    """Return a success in Stigg's envelope."""
    return Answer(status, {"data": body})


def refusal(code: str | None, message: object = "No.", status: int = 400) -> Answer:
    """Return a failure in Stigg's main form."""
    return Answer(status, {"message": message, "code": code})


class ScriptedStigg:
    """Answers with a series of answers or network errors, whatever is asked; the last one stays."""

    def __init__(self, *series: Answer | Exception) -> None:
        self._series = [*series]
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests.append(request)
        answer = self._series.pop(0) if len(self._series) > 1 else self._series[0]
        if isinstance(answer, Exception):
            raise answer
        return answer.response()

    @property
    def calls(self) -> list[str]:
        """What was asked: method and path with query, in order."""
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    def bodies(self) -> list[Any]:
        """The JSON bodies sent, in order."""
        return [json.loads(request.content) for request in self.requests if request.content]


ORG = "00D000000000001EAA"
SETTINGS = Settings(
    environment="development",
    stigg_api_url="https://stigg.example",
    secret_id="stigg/development",
    mappings_table="mappings",
    operations_table="operations",
    batches_table="batches",
    batch_queue_url="https://sqs.example/batches.fifo",
    batch_writes_per_minute=240,
    default_org_id=ORG,
    allowed_org_ids=frozenset({ORG}),
)
"""A deployment in memory, whose Stigg is a transport."""

KEY_NAMES = {"mappings": ("pk", "sk"), "operations": ("operation_key", "intent")}
type Attributes = dict[str, Any]


class FakeDynamoDB:
    """The DynamoDB operations that are used, over two tables in memory; understands no other condition."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[str, ...], Attributes]] = {name: {} for name in KEY_NAMES}
        self._committed: set[str] = set()

    @property
    def client(self) -> "DynamoDBClient":
        """The same, for whoever expects boto3's client."""
        return cast("DynamoDBClient", self)

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's own name
        """Return the items that exist."""
        found = {
            table: [item for key in request["Keys"] if (item := self.tables[table].get(_key(table, key)))]
            for table, request in RequestItems.items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def query(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's own parameters
        """Return the items of a partition with the highest sort keys, highest first."""
        table, partition = request["TableName"], request["ExpressionAttributeValues"][":key"]["S"]
        items = [item for key, item in self.tables[table].items() if key[0] == partition]
        return {"Items": sorted(items, key=partial(_sort_key, table), reverse=True)[: request["Limit"]]}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]], ClientRequestToken: str) -> None:  # noqa: N803
        """Put all items, or none if a condition is not met; once for each token."""
        if ClientRequestToken in self._committed:
            return
        puts = [write["Put"] for write in TransactItems if "Put" in write]
        if not all(self._is_met(put) for put in puts):
            raise aws_error("TransactionCanceledException", CancellationReasons=[{"Code": "ConditionalCheckFailed"}])
        for put in puts:
            self.tables[put["TableName"]][_key(put["TableName"], put["Item"])] = put["Item"]
        self._committed.add(ClientRequestToken)

    def _is_met(self, put: Mapping[str, Any]) -> bool:
        condition = put.get("ConditionExpression")
        standing = self.tables[put["TableName"]].get(_key(put["TableName"], put["Item"]))
        if condition is None or (standing is None and condition.startswith("attribute_not_exists")):
            return True
        values = put.get("ExpressionAttributeValues", {})
        if " IN " in condition:
            return standing is not None and standing["customer_id"] in values.values()
        pairs = re.findall(r"#?(\w+) = (:\w+)", condition)
        return standing is not None and bool(pairs) and all(standing[name] == values[value] for name, value in pairs)


def _key(table: str, item: Attributes) -> tuple[str, ...]:
    return tuple(next(iter(item[name].values())) for name in KEY_NAMES[table])


def _sort_key(table: str, item: Attributes) -> int | str:
    ((kind, value),) = item[KEY_NAMES[table][1]].items()
    return int(value) if kind == "N" else str(value)


type Handler = Callable[[httpx.Request], httpx.Response]


OF_CUSTOMER = tuple(f"/api/v1/customers/acme{tail}" for tail in ("", "/entitlements", "/invoices", "/contracts"))
"""What get-customer reads of the customer."""


class WillingStigg:
    """Plays a Stigg that agrees to everything and has one customer, subscription, grant, promotion and contract."""

    def __init__(self) -> None:
        self._held: dict[str, Any] = {
            "id": HELD,
            "customerId": "acme",
            "planId": "plan-growth",
            "status": "ACTIVE",
            "metadata": {"tier": "silver", "salesforceOrgId": ORG, "salesforceRecordId": HELD_FOR},
            "latestInvoice": {"billingId": "in-held", "status": "OPEN", "amountDue": 49.5, "currency": "usd"},
            "futureUpdates": [{"subscriptionScheduleType": "DOWNGRADE", "scheduleStatus": "SCHEDULED"}],
        }

        self._archived_at: str | None = None
        self._granted = {
            "id": HELD_GRANT,
            "customerId": "acme",
            "currencyId": "cred-type-tokens",
            "amount": 100.5,
            "consumedAmount": 40,
            "status": "ACTIVE",
        }

        self._created: list[dict[str, Any]] = []
        self._imported: dict[str, dict[str, Any]] = {}
        self._contracts: dict[str, dict[str, Any]] = {
            HELD_CONTRACT: {
                "contractId": HELD_CONTRACT,
                "customerExternalId": "acme",
                "state": "ACTIVE",
                "subscriptions": [{"subscriptionId": HELD}],
            }
        }
        self._promoted = {"id": "promo-held", "featureId": HELD_FEATURE, "status": "Active", "period": "lifetime"}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        sent = json.loads(request.content) if request.content else {}
        match request.method, request.url.path:
            case "POST", "/graphql":
                answer = data({"triggerWorkflow": {"success": True, "response": {"done": True}}})
            case "POST", "/api/v1/customers":
                answer = data(sent, 201)
            case "POST", path if path.endswith("/import"):
                answer = self._import(sent)
            case "POST", "/api/v1/subscriptions":
                made = {"id": sent["id"], "status": "SUCCESS", "subscription": {**sent, "status": "ACTIVE"}}
                answer = data(made, 201)
            case "GET", path if path in OF_CUSTOMER or path.rpartition("/")[2] in self._imported:
                answer = self._of_customer(path)
            case "GET", "/api/v1/subscriptions":
                answer = Answer(200, {"data": [self._held, *self._created]})
            case "POST", "/api/v1/subscriptions/preview":
                answer = data({"immediateInvoice": {"total": 49.5, "lines": [{"quantity": 1}]}})
            case "POST", "/api/v1/usage":
                answer = data([{"currentUsage": 5}])
            case method, path:
                answer = self._of_what_there_is(method, path, sent)
        return answer.response()

    def _import(self, sent: dict[str, Any]) -> Answer:
        """Import customers or subscriptions at once."""
        items = [{**item, "archivedAt": None, "status": "ACTIVE"} for item in next(iter(sent.values()))]
        self._imported |= {item["id"]: item for item in items}
        return data({"newCustomers": [item["id"] for item in items], "taskId": "task-1"})

    def _of_what_there_is(self, method: str, path: str, sent: dict[str, Any]) -> Answer:
        """Show or change the customer, the grants or the subscription that there are."""
        if "/promotional-entitlements" in path:
            return self._of_promoted(method, path, sent)
        if path.startswith("/api/v1/customers/acme"):
            return self._of_acme(method)
        if path.startswith("/api/v1/contracts"):
            return self._of_contract(method, path, sent)
        if path.startswith("/api/v1/credits/grants"):
            return self._of_grants(method, path, sent)
        if path.startswith(f"/api/v1/subscriptions/{HELD}"):
            return self._of_held(method, path.rpartition("/")[2], sent)
        custom = {"id": CUSTOM_PLAN, "productId": "product-of-contracts", "pricingType": "CUSTOM"}
        return data(custom) if path == f"/api/v1/plans/{CUSTOM_PLAN}" else refusal("NotFound", status=404)

    def _of_acme(self, method: str) -> Answer:
        """Show or archive the customer that there is."""
        if method == "POST":
            self._archived_at = "2026-11-30T09:00:00Z"
        return data({"id": "acme", "archivedAt": self._archived_at})

    def _new_contract(self, sent: dict[str, Any]) -> Answer:
        """Create a contract with its subscriptions."""
        new = [part["newSubscription"] for part in sent.get("subscriptions", ()) if "newSubscription" in part]
        linked = [part.get("existingSubscriptionId") for part in sent.get("subscriptions", ())]
        self._created += [{**subscription, "status": "ACTIVE"} for subscription in new]
        ids = [*(subscription["id"] for subscription in new), *filter(None, linked)]
        details = {name: value for name, value in sent.items() if name not in {"subscriptions", "setupBilling"}}
        members = [{"subscriptionId": name} for name in ids]
        owner = {"customerExternalId": sent["customerId"], "state": "ACTIVE", "subscriptions": members}
        self._contracts[sent["contractId"]] = {**details, **owner}
        return data(self._contracts[sent["contractId"]], 201)

    def _of_contract(self, method: str, path: str, sent: dict[str, Any]) -> Answer:
        """Create a contract; show, change or archive one that there is."""
        if path == "/api/v1/contracts":
            return self._new_contract(sent)
        contract = self._contracts.get(path.split("/")[4])
        if contract is None:
            return refusal("ContractNotFound", status=404)
        if method == "PATCH":
            members = [{"subscriptionId": name} for name in sent.get("subscriptionIds", ())]
            billing = {"billingState": "ACTIVE"} if sent.get("setupBilling") else {}
            kept = {name: value for name, value in sent.items() if name not in {"subscriptionIds", "setupBilling"}}
            contract |= kept | billing | ({"subscriptions": members} if "subscriptionIds" in sent else {})
        elif method == "POST":
            contract["state"] = "CANCELED"
            self._held["status"] = "CANCELED"
        return data(contract)

    def _of_grants(self, method: str, path: str, sent: dict[str, Any]) -> Answer:
        """Grant credits, list the grant that there is, or void it."""
        if method == "GET":
            return Answer(200, {"data": [self._granted]})
        if path == f"/api/v1/credits/grants/{HELD_GRANT}/void":
            return data(self._granted | {"status": "VOIDED"})
        return data({**sent, "id": "cred-grant-1", "status": "ACTIVE"}, 201)

    def _of_promoted(self, method: str, path: str, sent: dict[str, Any]) -> Answer:
        """Grant, list or revoke a promotional entitlement; there is one to revoke."""
        if method == "GET":
            return Answer(200, {"data": [self._promoted]})
        if method == "POST":
            asked = sent["promotionalEntitlements"][0]
            return data([{**self._promoted, **asked, "endDate": asked["customEndDate"] or "2099-12-31T00:00:00Z"}], 201)
        return data(self._promoted) if path.endswith(f"/{HELD_FEATURE}") else refusal("NotFound", status=404)

    def _of_customer(self, path: str) -> Answer:
        """Show the customer, or what it has."""
        if (name := path.rpartition("/")[2]) in self._imported:
            return data(self._imported[name])
        shown: dict[str, Any] = {
            "acme": {"id": "acme", "name": "Acme"},
            "entitlements": {"entitlements": [{"type": "FEATURE", "feature": {"id": "feature-sso"}}]},
            "invoices": [{"invoiceId": "in-held"}],
            "contracts": [{"contractId": "contract-1"}],
        }
        return Answer(200, {"data": shown[path.rpartition("/")[2]]})

    def _of_held(self, method: str, step: str, sent: dict[str, Any]) -> Answer:
        """Show, change, move or cancel the subscription that there is, drop what waits on it, or mark its invoice."""
        if method == "PATCH":
            self._held |= sent
        elif method == "DELETE":
            self._held["futureUpdates"] = []
        elif step == "migrate":
            later = sent["subscriptionMigrationTime"] == "END_OF_BILLING_PERIOD"
            self._held["futureUpdates"] = [MIGRATION] if later else []
        elif step == "paid":
            self._held["latestInvoice"] |= {"status": "PAID"}
        elif step == "transfer":
            self._held["resourceId"] = sent["destinationResourceId"]
        elif step == "delegate":
            self._held["customerId"] = sent["targetCustomerId"]
        elif method == "POST" and sent["cancellationTime"] == "IMMEDIATE":
            self._held["status"] = "CANCELED"
        elif method == "POST":
            self._held["cancellationDate"] = sent.get("endDate", "2099-12-31T00:00:00Z")
        return data(self._held)


class FakeEventBridge:
    """An event bus that takes so many events, and refuses what comes after."""

    def __init__(self, room: int) -> None:
        self.calls: list[list[Any]] = []
        self._room = room

    def put_events(self, *, Entries: list[Any]) -> dict[str, int]:  # noqa: N803 - boto3's own name
        """Take events."""
        self.calls.append(Entries)
        self._room -= len(Entries)
        return {"FailedEntryCount": max(0, -self._room)}
