"""create-customer, in this process."""

import pytest

from stigg_actions.errors import NotFound
from tests.support.faulty_dynamodb import FaultyDynamoDB, lost_request
from tests.support.harness import OTHER_ORG, SECRET, Harness
from tests.support.requests import ACCOUNT, OTHER_ACCOUNT

REQUEST = {"customerId": "cust-acme", "name": "Acme", "email": "it@acme.example", "salesforceAccountId": ACCOUNT}


def stored(actions: Harness, customer_id: str = "cust-acme") -> dict[str, object]:
    """The customer as Stigg has it."""
    found = [one for one in actions.emulator.state()["customers"] if one["id"] == customer_id]

    assert len(found) == 1
    return dict(found[0])


def test_creates_a_customer_and_links_the_account(actions: Harness) -> None:
    """A new customer is created with its e-mail, its account in the metadata, and a link into the Stigg app."""
    body = actions.ok("create-customer", REQUEST)

    assert (body["outcome"], body["customerId"], body["replayed"]) == ("created", "cust-acme", False)
    assert body["customerUrl"] == "https://app.stigg.io/development-local/customers/cust-acme"
    assert stored(actions)["email"] == "it@acme.example"
    assert stored(actions)["metadata"].items() >= {"salesforceAccountId": ACCOUNT}.items()  # type: ignore[attr-defined]


def test_creates_a_customer_without_an_email(actions: Harness) -> None:
    """A blank e-mail is as none, and the customer has none in Stigg."""
    body = actions.ok("create-customer", REQUEST | {"email": " "})

    assert body["outcome"] == "created"
    assert stored(actions)["email"] is None


def test_the_account_id_serves_as_customer_id(actions: Harness) -> None:
    """Without a customer id the account's 18-character id becomes the customer's, and stays so."""
    first = actions.ok("create-customer", {"name": "Acme", "salesforceAccountId": ACCOUNT[:15]})
    second = actions.ok("create-customer", {"name": "Acme Inc", "salesforceAccountId": ACCOUNT})

    assert (first["customerId"], second["customerId"]) == (ACCOUNT, ACCOUNT)
    assert second["outcome"] == "updated"


def test_a_linked_account_names_its_customer(actions: Harness) -> None:
    """Once an account is linked to a customer, the account alone updates that customer."""
    actions.ok("create-customer", REQUEST)

    body = actions.ok("create-customer", {"name": "Acme Inc", "salesforceAccountId": ACCOUNT})

    assert (body["outcome"], body["customerId"]) == ("updated", "cust-acme")
    assert stored(actions)["name"] == "Acme Inc"


def test_a_repeat_is_replayed(actions: Harness) -> None:
    """The same request again gives the same answer, marked as replayed, after one look at the customer."""
    first = actions.ok("create-customer", REQUEST)
    calls = len(actions.emulator.state()["calls"])

    second = actions.ok("create-customer", REQUEST | {"salesforceAccountId": ACCOUNT[:15], "correlationId": "again-1"})

    assert second == first | {"replayed": True, "correlationId": "again-1"}
    assert [call["method"] for call in actions.emulator.state()["calls"][calls:]] == ["GET"]


def test_an_update_merges_metadata(actions: Harness) -> None:
    """Metadata that a request does not name is kept, though Stigg's PATCH replaces the whole map."""
    actions.ok("create-customer", REQUEST | {"metadata": {"tier": "gold", "seats": 3}})

    body = actions.ok("create-customer", REQUEST | {"metadata": [{"key": "tier", "value": "silver"}]})

    metadata = stored(actions)["metadata"]

    assert body["outcome"] == "updated"
    assert metadata.items() >= {"tier": "silver", "seats": "3", "salesforceAccountId": ACCOUNT}.items()  # type: ignore[attr-defined]


def test_going_back_to_an_earlier_request_is_a_new_intent(actions: Harness) -> None:
    """Name A, then B, then A again ends with A: the third request is not answered from the first."""
    actions.ok("create-customer", REQUEST)
    actions.ok("create-customer", REQUEST | {"name": "Acme B"})

    body = actions.ok("create-customer", REQUEST)

    assert (body["outcome"], body["replayed"]) == ("updated", False)
    assert stored(actions)["name"] == "Acme"


def test_an_unchanged_customer_is_left_alone(actions: Harness) -> None:
    """A customer that is already as asked is not written again, a day after the first request."""
    actions.ok("create-customer", REQUEST)
    actions.clock.skip(25 * 3600)

    body = actions.ok("create-customer", REQUEST)

    assert body["outcome"] == "unchanged"
    assert actions.writes_to_stigg() == [("POST", "/api/v1/customers")]


def test_links_through_stiggs_own_integration(actions: Harness) -> None:
    """With the integration's id in the secret, the account is linked, and other links of the customer are kept."""
    stripe = {"id": "integration-stripe", "vendorIdentifier": "STRIPE", "syncedEntityId": "cus_1"}
    actions.ok("create-customer", {"customerId": "cust-acme", "integrations": [stripe]})
    actions.store_secret(SECRET | {"salesforceIntegrationId": "integration-salesforce"})

    body = actions.post("create-customer", REQUEST, actions.container()).body

    links = {(link["vendorIdentifier"], link["syncedEntityId"]) for link in stored(actions)["integrations"]}  # type: ignore[attr-defined]

    assert (body["outcome"], body["salesforceLinked"]) == ("updated", True)
    assert links == {("STRIPE", "cus_1"), ("SALESFORCE", ACCOUNT)}


def test_a_refused_link_does_not_fail_the_customer(actions: Harness) -> None:
    """When Stigg refuses the link, the customer is created without it, and the answer says so."""
    actions.store_secret(SECRET | {"salesforceIntegrationId": "integration-gone"})
    refusal = {"status": 400, "body": {"message": "Integration not found", "code": "IntegrationNotFound"}}
    actions.emulator.fault("POST", "/customers$", "status", refusal, times=1)

    body = actions.ok("create-customer", REQUEST)

    assert (body["outcome"], body["salesforceLinked"]) == ("created", False)


def test_a_duplicate_that_cannot_be_read_is_refused(actions: Harness) -> None:
    """A duplicate that is not the customer (an archived one, or another's billing id) is passed on as refused."""
    refusal = {"status": 409, "body": {"message": "Duplicated billing id", "code": "DuplicatedEntityNotAllowed"}}
    actions.emulator.fault("POST", "/customers$", "status", refusal, times=1)

    reply = actions.post("create-customer", REQUEST)

    assert (reply.status, reply.body["errorCode"]) == (422, "REFUSED_BY_STIGG")
    assert reply.body["stiggErrorCode"] == "DuplicatedEntityNotAllowed"


def test_any_other_refusal_is_passed_on(actions: Harness) -> None:
    """A business refusal is answered with 422 and Stigg's own code and message."""
    refusal = {"status": 400, "body": {"message": ["email must be an email"], "code": "BadUserInput"}}
    actions.emulator.fault("POST", "/customers$", "status", refusal, times=1)

    reply = actions.post("create-customer", REQUEST)

    assert (reply.status, reply.body["stiggErrorCode"]) == (422, "BadUserInput")
    assert "email must be an email" in reply.body["errorMessage"]


def test_a_customer_that_must_exist_is_linked_and_keeps_its_name(actions: Harness) -> None:
    """With mustExist the account is linked to the customer, whose name and address stay."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "email": "it@acme.example"})

    body = actions.ok("create-customer", {"customerId": "cust-acme", "salesforceAccountId": ACCOUNT, "mustExist": True})

    assert (body["outcome"], body["customerId"]) == ("updated", "cust-acme")
    assert (stored(actions)["name"], stored(actions)["email"]) == ("Acme", "it@acme.example")
    assert (
        actions.ok("create-customer", {"name": "Acme Inc", "salesforceAccountId": ACCOUNT})["customerId"] == "cust-acme"
    )


@pytest.mark.parametrize(
    "named",
    [{"customerId": "cust-acmee"}, {"customerId": "cust-acmee", "name": "Acme"}, {}],
    ids=["id", "name", "account"],
)
def test_a_customer_that_must_exist_is_never_created(actions: Harness, named: dict[str, str]) -> None:
    """A mistyped id, and an account that is not linked, are answered with CUSTOMER_NOT_FOUND; Stigg has no customer."""
    reply = actions.post("create-customer", {"salesforceAccountId": ACCOUNT, "mustExist": True, **named})

    assert (reply.status, reply.body["errorCode"]) == (404, "CUSTOMER_NOT_FOUND")
    assert named.get("customerId", ACCOUNT) in reply.body["errorMessage"]
    assert actions.emulator.state()["customers"] == []


def test_a_customer_that_was_missing_is_linked_once_it_exists(actions: Harness) -> None:
    """The refused request goes through when it is sent again after the customer was made."""
    request = {"customerId": "cust-late", "salesforceAccountId": ACCOUNT, "mustExist": True}
    assert actions.post("create-customer", request).status == 404
    actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-late", "name": "Late"})

    assert actions.ok("create-customer", request)["outcome"] == "updated"


def test_orgs_do_not_share_accounts(actions: Harness) -> None:
    """The same account id in another org (a sandbox copy) is another account."""
    both = actions.with_settings(allowed_org_ids=frozenset({actions.settings.default_org_id, OTHER_ORG}))
    both.ok("create-customer", REQUEST)

    with pytest.raises(NotFound) as caught:
        both.invoke(
            "create-subscription",
            {"salesforceOrgId": OTHER_ORG, "salesforceAccountId": ACCOUNT, "planId": "plan-free"},
        )

    assert "CUSTOMER_NOT_FOUND" in str(caught.value)


def test_an_org_that_is_not_served_is_refused(actions: Harness) -> None:
    """A request from an org that the environment does not serve is answered with 403, and nothing is written."""
    reply = actions.post("create-customer", REQUEST | {"salesforceOrgId": OTHER_ORG})

    assert (reply.status, reply.body["errorCode"]) == (403, "ORG_NOT_ALLOWED")
    assert actions.emulator.state()["customers"] == []


def test_an_account_can_be_moved_to_another_customer(actions: Harness) -> None:
    """The link of an account moves to another customer only if the request says so."""
    actions.ok("create-customer", REQUEST)
    moved = {"customerId": "cust-new", "name": "New", "salesforceAccountId": ACCOUNT}
    refused = actions.post("create-customer", moved)
    actions.ok("create-customer", moved | {"relinkAccount": True})

    body = actions.ok("create-customer", {"name": "Newer", "salesforceAccountId": ACCOUNT})

    assert (refused.status, refused.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")
    assert ("cust-acme" in refused.body["errorMessage"], "cust-new" in refused.body["errorMessage"]) == (True, True)
    assert body["customerId"] == "cust-new"
    assert OTHER_ACCOUNT not in str(actions.tables.items(actions.tables.mappings))


def test_what_a_subscription_did_to_the_customer_counts(actions: Harness) -> None:
    """After a provisioning renamed the customer, the same create-customer request is carried out again."""
    actions.ok("create-customer", REQUEST)
    actions.ok("create-subscription", {"customerId": "cust-acme", "planId": "plan-free", "customerName": "Other"})

    body = actions.ok("create-customer", REQUEST)

    assert (body["outcome"], body["replayed"]) == ("updated", False)
    assert stored(actions)["name"] == "Acme"


def test_an_account_that_was_moved_and_back_is_linked_again(actions: Harness) -> None:
    """Linked to one customer, then to another, then to the first again, the account names the first."""
    actions.ok("create-customer", REQUEST)
    actions.ok("create-customer", REQUEST | {"customerId": "cust-new", "relinkAccount": True})
    actions.ok("create-customer", REQUEST | {"relinkAccount": True})

    body = actions.ok("create-customer", {"name": "By account", "salesforceAccountId": ACCOUNT})

    assert body["customerId"] == "cust-acme"


def test_a_killed_run_whose_link_was_refused_is_found(actions: Harness) -> None:
    """A customer that a killed run made without the refused link counts as made; the account is linked here."""
    actions.store_secret(SECRET | {"salesforceIntegrationId": "integration-gone"})
    refusal = {"status": 400, "body": {"message": "Integration not found", "code": "IntegrationNotFound"}}
    actions.emulator.fault("POST", "/customers$", "status", refusal, times=1)
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, lost_request, lost_request])
    lost = actions.post("create-customer", REQUEST, actions.container(dynamodb=client))
    actions.clock.skip(31)

    body = actions.ok("create-subscription", {"customerId": "cust-acme", "planId": "plan-free"})

    assert lost.body["errorCode"] == "OUTCOME_UNKNOWN"
    assert body["outcome"] == "created"
    assert ("customer", "SUCCEEDED") in actions.operations()


def test_a_link_that_was_lost(actions: Harness) -> None:
    """A customer whose account is not linked here any more has not moved to another one: the same answer holds."""
    request = {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT}
    first = actions.ok("create-customer", request)
    actions.tables.lose_mappings("account")

    again = actions.ok("create-customer", request)

    assert (first["replayed"], again["replayed"]) == (False, True)
