"""Stigg's operations: what is sent for each, and how answers are read."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from stigg_actions.errors import ActionError, NotFound, OutcomeUnknown, StiggUnavailable
from stigg_actions.stigg import contracts
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.pages import Unreadable
from tests.support.fakes import Answer, ScriptedStigg, data, refusal
from tests.support.fixtures import Connect

CUSTOMER = {"id": "acme", "name": "Acme"}
SUBSCRIPTION = {"id": "sub-1", "customerId": "acme", "planId": "plan-growth", "status": "ACTIVE"}
CONTRACT = {"contractId": "c-1", "subscriptions": []}
GRANT = {"id": "g-1", "customerId": "acme", "currencyId": "cred-type-tokens", "amount": 2.5, "status": "ACTIVE"}
PROMOTION = {"id": "p-1", "featureId": "sso", "status": "Active"}
TERMS = {"id": "sub-1", "customerId": "acme", "planId": "plan-growth"}
PREVIEW = {"customerId": "acme", "planId": "plan-growth"}
USAGE = {"customerId": "acme", "featureId": "feature-api-calls", "value": 3}
GRANT_TERMS = {"customerId": "acme", "currencyId": "cred-type-tokens", "amount": Decimal("2.5")}
PROVISIONED = {"id": "sub-1", "status": "SUCCESS", "subscription": SUBSCRIPTION}
RUN = {"triggerWorkflow": {"success": True, "response": {"a": 1}}}
type Operation = Callable[[Stigg], Any]

OPERATIONS: dict[str, tuple[Operation, object, str, str | None]] = {
    "provision_customer": (
        lambda stigg: stigg.provision_customer(body=CUSTOMER, idempotency_key="k"), CUSTOMER,
        "POST /api/v1/customers", "k",
    ),
    "get_customer": (lambda stigg: stigg.get_customer("acme"), CUSTOMER, "GET /api/v1/customers/acme", None),
    "update_customer": (
        lambda stigg: stigg.update_customer("acme", body={"name": "Acme"}), CUSTOMER,
        "PATCH /api/v1/customers/acme", None,
    ),
    "archive_customer": (
        lambda stigg: stigg.archive_customer("acme", idempotency_key="k"), CUSTOMER,
        "POST /api/v1/customers/acme/archive", "k",
    ),
    "unarchive_customer": (
        lambda stigg: stigg.unarchive_customer("acme", idempotency_key="k"), CUSTOMER,
        "POST /api/v1/customers/acme/unarchive", "k",
    ),
    "create_contract": (
        lambda stigg: contracts.create_contract(stigg, body=CONTRACT, idempotency_key="k"), CONTRACT,
        "POST /api/v1/contracts", "k",
    ),
    "get_contract": (lambda stigg: contracts.get_contract(stigg, "c/1"), CONTRACT, "GET /api/v1/contracts/c%2F1", None),
    "update_contract": (
        lambda stigg: contracts.update_contract(stigg, "c-1", body={"name": "Acme"}), CONTRACT,
        "PATCH /api/v1/contracts/c-1", None,
    ),
    "archive_contract": (
        lambda stigg: contracts.archive_contract(stigg, "c-1", idempotency_key="k"), CONTRACT,
        "POST /api/v1/contracts/c-1/archive", "k",
    ),
    "provision_subscription": (
        lambda stigg: stigg.provision_subscription(body=TERMS, idempotency_key="k"), PROVISIONED,
        "POST /api/v1/subscriptions", "k",
    ),
    "get_subscription": (
        lambda stigg: stigg.get_subscription("sub-1"), SUBSCRIPTION, "GET /api/v1/subscriptions/sub-1", None,
    ),
    "drop_update": (
        lambda stigg: stigg.drop_update("sub/1", "schedule"), {"id": "sub/1"},
        "DELETE /api/v1/subscriptions/sub%2F1/future-update/schedule", None,
    ),
    "mark_invoice_paid": (
        lambda stigg: stigg.mark_invoice_paid("sub-1", idempotency_key="k"), {"id": "sub-1"},
        "POST /api/v1/subscriptions/sub-1/invoice/paid", "k",
    ),
    "preview_subscription": (
        lambda stigg: stigg.preview_subscription(body=PREVIEW), {},
        "POST /api/v1/subscriptions/preview", None,
    ),
    "get_plan": (
        lambda stigg: stigg.get_plan("plan-growth"), {"id": "plan-growth", "productId": "product-app"},
        "GET /api/v1/plans/plan-growth", None,
    ),
    "find_plan": (
        lambda stigg: stigg.find_plan("plan-growth"), {"id": "plan-growth", "productId": "product-app"},
        "GET /api/v1/plans/plan-growth", None,
    ),
    "move_subscription": (
        lambda stigg: stigg.move_subscription("sub/1", "migrate", body={}), SUBSCRIPTION,
        "POST /api/v1/subscriptions/sub%2F1/migrate", None,
    ),
    "create_credit_grant": (
        lambda stigg: stigg.create_credit_grant(body=GRANT_TERMS, idempotency_key="k"), GRANT,
        "POST /api/v1/credits/grants", "k",
    ),
    "void_credit_grant": (
        lambda stigg: stigg.void_credit_grant("grant/1", idempotency_key="k"), GRANT,
        "POST /api/v1/credits/grants/grant%2F1/void", "k",
    ),
    "report_usage": (
        lambda stigg: stigg.report_usage(body=USAGE, idempotency_key="k"), [{"currentUsage": 5}],
        "POST /api/v1/usage", "k",
    ),
    "grant_promotional_entitlement": (
        lambda stigg: stigg.grant_promotional_entitlement("a/b", body={"featureId": "sso"}, idempotency_key="k"),
        [PROMOTION], "POST /api/v1/customers/a%2Fb/promotional-entitlements", "k",
    ),
    "revoke_promotional_entitlement": (
        lambda stigg: stigg.revoke_promotional_entitlement("a/b", "s/o"), PROMOTION,
        "DELETE /api/v1/customers/a%2Fb/promotional-entitlements/s%2Fo", None,
    ),
    "trigger_workflow": (
        lambda stigg: stigg.trigger_workflow(trigger_id="notify", payload=None, is_test=False), RUN,
        "POST /graphql", None,
    ),
}  # fmt: skip
WRITES = [
    "provision_customer",
    "update_customer",
    "archive_customer",
    "create_contract",
    "update_contract",
    "archive_contract",
    "unarchive_customer",
    "provision_subscription",
    "drop_update",
    "move_subscription",
    "mark_invoice_paid",
    "create_credit_grant",
    "void_credit_grant",
    "report_usage",
    "grant_promotional_entitlement",
    "revoke_promotional_entitlement",
    "trigger_workflow",
]


@pytest.mark.parametrize("name", OPERATIONS)
def test_one_call(connect: Connect, name: str) -> None:
    """Every operation is one call to its route; a REST POST carries its idempotency key, if Stigg takes one."""
    operation, answer, call, key = OPERATIONS[name]
    stigg = ScriptedStigg(data(answer))
    operation(Stigg(connect(stigg)))

    assert [call] == stigg.calls
    assert key == stigg.requests[0].headers.get("idempotency-key")


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "preview_subscription"])
@pytest.mark.parametrize("answer", [{}, {"id": None}, {"triggerWorkflow": None}, {"triggerWorkflow": 5}])
def test_unreadable(connect: Connect, name: str, answer: object) -> None:
    """An answer without the documented shape leaves a write unknown, and a read undone."""
    operation = OPERATIONS[name][0]
    expected = OutcomeUnknown if name in WRITES else StiggUnavailable
    with pytest.raises(ActionError, match="Stigg's answer could not be read") as error:
        operation(Stigg(connect(ScriptedStigg(data(answer)))))

    assert expected is type(error.value)


@pytest.mark.parametrize("answer", [{"immediateInvoice": 5}, {"recurringInvoice": []}])
def test_unreadable_preview(connect: Connect, answer: object) -> None:
    """A preview may lack anything, but an invoice must be one; nothing was changed by asking."""
    with pytest.raises(StiggUnavailable):
        Stigg(connect(ScriptedStigg(data(answer)))).preview_subscription(body=PREVIEW)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("get_customer", "customer acme"),
        ("provision_subscription", "plan plan-growth for customer acme"),
        ("drop_update", "subscription sub/1"),
        ("mark_invoice_paid", "subscription sub-1"),
        ("preview_subscription", "plan plan-growth for customer acme"),
        ("get_plan", "plan plan-growth"),
        ("move_subscription", "subscription sub/1"),
        ("create_credit_grant", "a grant of cred-type-tokens for customer acme"),
        ("void_credit_grant", "grant grant/1"),
        ("report_usage", "usage of feature-api-calls by customer acme"),
        ("grant_promotional_entitlement", "feature sso for customer a/b"),
        ("revoke_promotional_entitlement", "feature s/o for customer a/b"),
        ("trigger_workflow", "workflow notify"),
    ],
)
def test_subject(connect: Connect, name: str, subject: str) -> None:
    """A refusal names what the request was about."""
    with pytest.raises(NotFound, match=f"environment: {subject}"):
        OPERATIONS[name][0](Stigg(connect(ScriptedStigg(refusal(None, status=404)))))


@pytest.mark.parametrize("answer", [Answer(500), refusal("RateLimitExceeded", status=429), refusal(None, status=404)])
def test_a_change_that_cannot_be_read_back(connect: Connect, answer: Answer) -> None:
    """Whatever keeps a change that Stigg has accepted from being read, its outcome is unknown."""
    with pytest.raises(OutcomeUnknown, match="Stigg accepted the change of subscription sub-1"):
        Stigg(connect(ScriptedStigg(answer))).read_back("sub-1")


def test_exact_amounts(connect: Connect) -> None:
    """Amounts go out and come back as the decimals that they are."""
    stigg = ScriptedStigg(Answer(201, '{"data": {"id": "g", "customerId": "acme", "currencyId": "c", '
                                      '"amount": 0.1234567890123456789, "status": "ACTIVE"}}'))  # fmt: skip
    body = {**GRANT_TERMS, "amount": Decimal("0.1234567890123456789")}
    grant = Stigg(connect(stigg)).create_credit_grant(body=body, idempotency_key="k")

    assert grant.amount == body["amount"]
    assert b'"amount":0.1234567890123456789' in stigg.requests[0].content


@pytest.mark.parametrize(
    ("customer_id", "path"),
    [
        ("a|b", "/api/v1/customers/a%7Cb"),
        ("a@b.example", "/api/v1/customers/a%40b.example"),
        ("a/b", "/api/v1/customers/a%2Fb"),
    ],
)
def test_quoting(connect: Connect, customer_id: str, path: str) -> None:
    """An id stays one step of the path."""
    stigg = ScriptedStigg(data(CUSTOMER))
    Stigg(connect(stigg)).get_customer(customer_id)

    assert [f"GET {path}"] == stigg.calls


def test_pages(connect: Connect) -> None:
    """A list is read page by page, and only as far as it is needed."""
    pages = [
        Answer(200, {"data": [SUBSCRIPTION], "pagination": {"next": "cursor-2"}}),
        Answer(200, {"data": [{**SUBSCRIPTION, "id": "sub-2"}], "pagination": {"next": None}}),
    ]
    stigg = ScriptedStigg(*pages)
    live = Stigg(connect(stigg)).live_subscriptions("acme")
    first = next(live)
    calls_for_first = len(stigg.requests)

    assert [first.id, *(subscription.id for subscription in live)] == ["sub-1", "sub-2"]
    assert calls_for_first == 1
    assert stigg.requests[0].url.params["status"] == "ACTIVE,IN_TRIAL,PAYMENT_PENDING"
    assert [sent.url.params["limit"] for sent in stigg.requests] == ["100", "100"]
    assert [sent.url.params.get("after") for sent in stigg.requests] == [None, "cursor-2"]


@pytest.mark.parametrize(
    ("customer_id", "query"),
    [
        ("acme", {"customerId": "acme", "limit": "100"}),
        (None, {"status": "ACTIVE,IN_TRIAL,PAYMENT_PENDING,NOT_STARTED", "limit": "100"}),
    ],
)
def test_subscription_pages(connect: Connect, customer_id: str | None, query: dict[str, str]) -> None:
    """Of one customer all subscriptions are read, of everybody those that have not ended."""
    stigg = ScriptedStigg(Answer(200, {"data": [SUBSCRIPTION]}))
    pages = list(Stigg(connect(stigg)).subscription_pages(customer_id))

    assert [([one.id for one in page.items], page.is_last) for page in pages] == [(["sub-1"], True)]
    assert dict(stigg.requests[0].url.params) == query


@pytest.mark.parametrize(
    "answer",
    [{"data": None}, {"items": []}, {"data": {"id": "x"}}, {"data": [], "pagination": {"next": 5}}],
    ids=range(4),
)
def test_unreadable_page(connect: Connect, answer: object) -> None:
    """A page without the documented shape is no answer: where it ends, and what follows, cannot be told."""
    with pytest.raises(StiggUnavailable):
        list(Stigg(connect(ScriptedStigg(Answer(200, answer)))).live_subscriptions("acme"))


@pytest.mark.parametrize(
    "item", [5, None, [], {}, {"id": "sub-1"}, {**SUBSCRIPTION, "startDate": "soon"}], ids=range(6)
)
def test_unreadable_item(connect: Connect, item: object) -> None:
    """What cannot be read of a page is skipped and counted, and keeps nothing else from being read."""
    session = connect(ScriptedStigg(Answer(200, {"data": [item, SUBSCRIPTION], "pagination": None})))

    assert [one.id for one in Stigg(session).live_subscriptions("acme")] == ["sub-1"]
    assert session.stats.line()["unreadableItems"] == 1


def test_what_is_unreadable_is_named(connect: Connect) -> None:
    """A page tells of what it skipped the id, where there is one, and the fields that are not as they must be."""
    items = [{"id": "x" * 300, "customerId": 5, "planId": None, "status": "ACTIVE"}, "text"]
    stigg = Stigg(connect(ScriptedStigg(Answer(200, {"data": items}))))
    (page,) = stigg.all_subscriptions(customer_id=None, after=None)

    assert page.unreadable == (Unreadable("x" * 255, ("customerId", "planId")), Unreadable(None, ()))


@pytest.mark.parametrize(
    ("pagination", "pages"),
    [
        ("absent", 1),
        (None, 1),
        ({}, 1),
        ({"next": None}, 1),
        ({"next": ""}, 1),
        ({"next": "again", "prev": None}, 2),
    ],
    ids=str,
)
def test_where_a_list_ends(connect: Connect, pagination: object, pages: int) -> None:
    """A list ends with a page that names no next one, or that leads to itself."""
    page = {"data": [SUBSCRIPTION], **({} if pagination == "absent" else {"pagination": pagination})}
    stigg = ScriptedStigg(Answer(200, page))
    found = list(Stigg(connect(stigg)).all_subscriptions(customer_id="acme", after=None))

    assert (len(found), len(stigg.requests), found[-1].is_last) == (pages, pages, True)


def test_grants_that_cannot_be_read(connect: Connect) -> None:
    """A grant that is found is found; where others could not be read, nobody can tell that it is not there."""
    stigg = Stigg(connect(ScriptedStigg(Answer(200, {"data": [{"id": 7}, GRANT]}))))
    grants = stigg.credit_grants("acme", currency_id="cred-type-tokens", resource_id=None)

    assert next(grants).id == "g-1"
    with pytest.raises(StiggUnavailable, match="1 of the grants of customer acme could not be read"):
        next(grants)


@pytest.mark.parametrize("resource_id", [None, "site-1"])
def test_grants(connect: Connect, resource_id: str | None) -> None:
    """Grants are listed by customer, currency and resource."""
    stigg = ScriptedStigg(Answer(200, {"data": [GRANT]}))
    grants = Stigg(connect(stigg)).credit_grants("acme", currency_id="cred-type-tokens", resource_id=resource_id)

    assert [Decimal("2.5")] == [grant.amount for grant in grants]
    assert resource_id == stigg.requests[0].url.params.get("resourceId")


@pytest.mark.parametrize(
    ("payload", "sent"), [(None, {}), ({}, {"payload": {}}), ({"a": Decimal("1.50")}, {"payload": {"a": 1.5}})]
)
@pytest.mark.parametrize("is_test", [True, False])
def test_trigger(connect: Connect, payload: dict[str, Any] | None, sent: dict[str, Any], *, is_test: bool) -> None:
    """A workflow is triggered by id, with its payload if there is one, for test or live."""
    stigg = ScriptedStigg(data(RUN))
    run = Stigg(connect(stigg)).trigger_workflow(trigger_id="notify", payload=payload, is_test=is_test)
    (body,) = stigg.bodies()

    assert {"input": {"triggerId": "notify", "isTest": is_test, **sent}} == body["variables"]
    assert body["operationName"] == "TriggerWorkflow"
    assert "triggerWorkflow(input: $input) { success response }" in body["query"]
    assert run.response == {"a": 1}


def test_unsuccessful_run(connect: Connect) -> None:
    """A workflow that did not run to its end may have done a part of its work: it is not to be run again blindly."""
    stigg = ScriptedStigg(data({"triggerWorkflow": {"success": False, "response": None}}))
    with pytest.raises(OutcomeUnknown, match="WORKFLOW_FAILED: Stigg ran workflow notify, but not to its end") as error:
        Stigg(connect(stigg)).trigger_workflow(trigger_id="notify", payload=None, is_test=False)

    assert (error.value.may_retry, error.value.stigg.status, len(stigg.requests)) == (False, 200, 1)


@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "SomethingNew", None])
def test_half_way(connect: Connect, code: str | None) -> None:
    """GraphQL's good status says nothing: a workflow that met an unknown error may have run, and is not run again."""
    failed = {"data": None, "errors": [{"message": "Broken.", "extensions": {"code": code}}]}
    stigg = ScriptedStigg(Answer(200, failed))
    with pytest.raises(OutcomeUnknown):
        Stigg(connect(stigg)).trigger_workflow(trigger_id="notify", payload=None, is_test=False)

    assert len(stigg.requests) == 1
