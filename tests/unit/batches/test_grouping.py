"""Whose a request of a batch is: one group for all names of one customer."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.batches.actions import BATCH_ACTIONS
from stigg_actions.batches.grouping import Name, Rank, group_ids, names_of
from stigg_actions.models.base import KeyedRequest
from stigg_actions.models.renew_subscription import RenewSubscription
from stigg_actions.models.set_subscription_metadata import SetSubscriptionMetadata
from stigg_actions.models.trigger_workflow import TriggerWorkflow

ORG, OTHER_ORG = "00D000000000001EAA", "00D000000000002EAA"
CUSTOMER, SUBSCRIPTION = {"customerId": "cust-acme"}, {"subscriptionId": "sub-1"}
ACCOUNT, RECORD = {"salesforceAccountId": "001000000000001AAA"}, {"salesforceRecordId": "00k000000000001AAA"}
RENEWED = {**RECORD, "newSalesforceRecordId": "00k000000000002AAA"}
ACME = Name(Rank.CUSTOMER, "", "cust-acme")


class AnyRequest(KeyedRequest):
    """A request that may name a customer in every way."""

    customer_id: str | None = None
    salesforce_account_id: str | None = None
    destination_customer_id: str | None = None
    destination_salesforce_account_id: str | None = None
    salesforce_record_id: str | None = None
    new_salesforce_record_id: str | None = None
    subscription_id: str | None = None
    lines: list[KeyedRequest] = []  # noqa: RUF012 - a pydantic default is copied


def groups(*requests: dict[str, Any], known: dict[Name, Name] | None = None, org_id: str = ORG) -> list[str]:
    """Return the group of each request."""
    given = {index: (org_id, AnyRequest.model_validate(one)) for index, one in enumerate(requests)}
    return list(group_ids(given, known or {}, batch_id="batch-1").values())


def test_names_given_together() -> None:
    """Names that one request gives together mean one customer, wherever that request stands."""
    one = groups(
        RECORD, ACCOUNT, {**CUSTOMER, **ACCOUNT}, {**ACCOUNT, **RECORD}, SUBSCRIPTION, {**RECORD, **SUBSCRIPTION}
    )

    assert len(set(one)) == 1


def test_another_customer() -> None:
    """Requests that share no name are of two groups."""
    assert len(set(groups(CUSTOMER, {"customerId": "cust-globex"}, ACCOUNT, RECORD, SUBSCRIPTION))) == 5


def test_known_names() -> None:
    """What the tables know of a name joins it with its customer."""
    account, record = (
        Name(rank, ORG, next(iter(one.values()))) for rank, one in ((Rank.ACCOUNT, ACCOUNT), (Rank.RECORD, RECORD))
    )
    known = {account: ACME, record: ACME, Name(Rank.SUBSCRIPTION, "", "sub-1"): ACME}

    assert len(set(groups(CUSTOMER, ACCOUNT, RECORD, SUBSCRIPTION, known=known))) == 1


def test_a_customer_is_one_group_in_every_batch() -> None:
    """The group of a customer is the same whatever else a batch holds, and holds no name."""
    (alone,), (beside, _) = groups(CUSTOMER), groups({**CUSTOMER, **RECORD}, RECORD)

    assert alone == beside
    assert "acme" not in alone


def test_orgs_apart() -> None:
    """Records of two orgs are two records; a customer's id is one customer for all orgs."""
    (ours,), (theirs,) = groups(RECORD), groups(RECORD, org_id=OTHER_ORG)
    (our_customer,), (their_customer,) = groups(CUSTOMER), groups(CUSTOMER, org_id=OTHER_ORG)

    assert ours != theirs
    assert our_customer == their_customer


def test_nobody() -> None:
    """A request that names nobody is alone, and so is the same one in another batch."""
    one, other = groups({}, {})
    request = {0: (ORG, AnyRequest())}

    assert one != other
    assert group_ids(request, {}, batch_id="batch-2")[0] not in {one, other}


def test_parts() -> None:
    """Names in the parts of a request count as its own."""
    whole = AnyRequest(
        customer_id="cust-acme", lines=[SetSubscriptionMetadata.model_validate({**RECORD, "mode": "replace"})]
    )

    assert names_of(whole, ORG) == (ACME, Name(Rank.RECORD, ORG, "00k000000000001AAA"))


def test_both_records_of_a_renewal() -> None:
    """A renewal that moves a subscription is a request of both records."""
    renewal = RenewSubscription.model_validate(RENEWED)

    assert {name.id for name in names_of(renewal, ORG)} == set(RENEWED.values())


def test_short_ids() -> None:
    """The two forms of a record id are one name."""
    short, long = (
        TriggerWorkflow.model_validate({"triggerId": "t", "salesforceRecordId": "00k000000000001AAA"[:n]})
        for n in (15, 18)
    )

    assert names_of(short, ORG) == names_of(long, ORG)


def test_every_name_is_known() -> None:
    """No request that can be batched names a customer, except one that only pays, in a way that is overlooked here."""
    fields = {name for one in BATCH_ACTIONS.values() for name in one.request_class().model_fields}
    names = {
        name
        for name in fields
        if name == "subscription_id" or name.endswith(("customer_id", "_record_id", "_account_id"))
    }

    assert names - {"paying_customer_id"} <= set(AnyRequest.model_fields)


NAMES = st.fixed_dictionaries(
    {},
    optional={
        "customerId": st.sampled_from(["a", "b"]),
        "salesforceAccountId": st.sampled_from(["1", "2"]),
        "salesforceRecordId": st.sampled_from(["3", "4"]),
        "subscriptionId": st.sampled_from(["5", "6"]),
    },
)


@given(st.lists(NAMES, min_size=1, max_size=8))
def test_any_names(requests: list[dict[str, str]]) -> None:
    """Two requests are of one group exactly if a chain of shared names joins them."""
    found = groups(*requests)
    joined = list(range(len(requests)))
    for _ in requests:
        for one, names in enumerate(requests):
            for other, others in enumerate(requests):
                if names.items() & others.items():
                    joined[one] = joined[other] = min(joined[one], joined[other])

    assert [found.index(group) for group in found] == [joined.index(group) for group in joined]
