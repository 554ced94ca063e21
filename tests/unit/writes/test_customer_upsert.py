"""Creating or updating a customer in Stigg."""

from typing import Any

import pytest

from stigg_actions.errors import NotFound, OutcomeUnknown, Refused, RequestInvalid, StiggReply
from stigg_actions.stigg.client import Stigg
from stigg_actions.writes.customer_upsert import (
    OPERATION_METADATA_KEY,
    Upserted,
    WantedCustomer,
    find_effect,
    is_duplicate,
    update,
    upsert,
)
from tests.support.fakes import Answer, ScriptedStigg, data, refusal
from tests.support.fixtures import Connect

LINK = {"id": "integration-1", "vendorIdentifier": "SALESFORCE", "syncedEntityId": "001000000000001AAA"}
OTHER_LINK = {"id": "integration-2", "vendorIdentifier": "STRIPE", "syncedEntityId": "cus_1"}
DUPLICATE = refusal("DuplicatedEntityNotAllowed", "Duplicate.", status=409)
MISSING = refusal("CustomerNotFound", status=404)
UNLINKABLE = refusal("IntegrationNotFound", status=400)
DETAILS = {"name": "Acme", "defaultPaymentMethod": {"type": "CARD"}, "metadata": {"tier": "gold"}}


def wanted(**changes: Any) -> WantedCustomer:  # noqa: ANN401 - any field
    """Want the customer Acme."""
    fields = {"customer_id": "acme", "details": DETAILS, "metadata": {"origin": "crm"}, "effect_id": "e1", **changes}
    return WantedCustomer(**fields)


def stored(**changes: object) -> dict[str, object]:
    """Answer with the customer Acme as wanted, with changes."""
    return {"id": "acme", "name": "Acme", "metadata": {"tier": "gold", "origin": "crm"}, **changes}


def test_fields() -> None:
    """Metadata and link join what else is wanted."""
    expected = {
        **DETAILS,
        "integrations": [OTHER_LINK, LINK],
        "metadata": {"tier": "gold", "origin": "crm"},
    }

    assert expected == wanted(details={**DETAILS, "integrations": [OTHER_LINK]}, link=LINK).fields()


def test_created(connect: Connect) -> None:
    """A new customer is one POST, marked with the operation and keyed by it."""
    stigg = ScriptedStigg(data(stored(), 201))
    expected = {
        "id": "acme",
        **DETAILS,
        "metadata": {"tier": "gold", "origin": "crm", OPERATION_METADATA_KEY: "e1"},
    }

    assert Upserted("created", linked=False) == upsert(Stigg(connect(stigg)), wanted())
    assert [expected] == stigg.bodies()
    assert stigg.requests[0].headers["idempotency-key"] == "e1-customer"


@pytest.mark.parametrize(("integrations", "linked"), [([LINK], True), ([OTHER_LINK], False), (None, False)])
def test_linked(connect: Connect, integrations: object, *, linked: bool) -> None:
    """Whether the customer is linked to its account is told by what Stigg answers."""
    stigg = ScriptedStigg(data(stored(integrations=integrations), 201))

    assert Upserted("created", linked=linked) == upsert(Stigg(connect(stigg)), wanted(link=LINK))


def test_updated(connect: Connect) -> None:
    """An existing customer is read and patched; metadata and links that are there are kept."""
    current = stored(name="Old", metadata={"tier": "tin", "kept": "yes"}, integrations=[OTHER_LINK, {**LINK, "x": 1}])
    stigg = ScriptedStigg(DUPLICATE, data(current), data(stored(integrations=[LINK])))
    expected = {
        "name": "Acme",
        "metadata": {"tier": "gold", "origin": "crm", "kept": "yes"},
        "integrations": [OTHER_LINK, LINK],
    }

    assert Upserted("updated", linked=True) == upsert(Stigg(connect(stigg)), wanted(link=LINK))
    assert [request.method for request in stigg.requests] == ["POST", "GET", "PATCH"]
    assert expected == stigg.bodies()[-1]


def test_update_without_links(connect: Connect) -> None:
    """A patch that is about no links does not mention them."""
    stigg = ScriptedStigg(DUPLICATE, data(stored(name="Old")), data(stored()))
    upsert(Stigg(connect(stigg)), wanted())

    assert "integrations" not in stigg.bodies()[-1]


def test_unchanged(connect: Connect) -> None:
    """A customer that is as wanted, and more, is left alone."""
    current = stored(
        metadata={"tier": "gold", "origin": "crm", "more": "x"}, integrations=[OTHER_LINK, {**LINK, "x": 1}]
    )
    stigg = ScriptedStigg(DUPLICATE, data(current))

    assert Upserted("unchanged", linked=True) == upsert(Stigg(connect(stigg)), wanted(link=LINK))
    assert len(stigg.requests) == 2


def test_duplicate_of_something_else(connect: Connect) -> None:
    """A duplicate of another thing than the id is Stigg's to explain."""
    with pytest.raises(Refused, match="Duplicate"):
        upsert(Stigg(connect(ScriptedStigg(DUPLICATE, MISSING))), wanted())


def test_other_refusal(connect: Connect) -> None:
    """Any other refusal stands."""
    with pytest.raises(Refused, match="Too odd"):
        upsert(Stigg(connect(ScriptedStigg(refusal("BadUserInput", "Too odd.")))), wanted(link=LINK))


def test_refused_link(connect: Connect) -> None:
    """A link that Stigg refuses does not keep the customer from being created, under a key of its own."""
    stigg = ScriptedStigg(UNLINKABLE, data(stored(), 201))

    assert Upserted("created", linked=False) == upsert(Stigg(connect(stigg)), wanted(link=LINK))
    assert [sent.headers["idempotency-key"] for sent in stigg.requests] == ["e1-customer", "e1-unlinked-customer"]
    assert "integrations" not in stigg.bodies()[1]


def test_refused_link_of_the_caller(connect: Connect) -> None:
    """A link that the caller asked for is refused in so many words."""
    with pytest.raises(NotFound, match="INTEGRATION_NOT_FOUND"):
        upsert(Stigg(connect(ScriptedStigg(UNLINKABLE))), wanted(details={"integrations": [OTHER_LINK]}))


def test_update_of_an_existing_customer(connect: Connect) -> None:
    """A customer that must exist is read and patched, without a POST."""
    stigg = ScriptedStigg(data(stored(name="Old")), data(stored(integrations=[LINK])))

    assert Upserted("updated", linked=True) == update(Stigg(connect(stigg)), wanted(link=LINK))
    assert [request.method for request in stigg.requests] == ["GET", "PATCH"]


def test_update_of_a_missing_customer(connect: Connect) -> None:
    """A customer that must exist and does not is refused, and is not created."""
    stigg = ScriptedStigg(MISSING)

    with pytest.raises(NotFound, match="CUSTOMER_NOT_FOUND"):
        update(Stigg(connect(stigg)), wanted(link=LINK))
    assert [request.method for request in stigg.requests] == ["GET"]


def test_update_with_a_refused_link(connect: Connect) -> None:
    """A link that Stigg refuses does not keep an existing customer from being updated."""
    stigg = ScriptedStigg(data(stored(name="Old")), UNLINKABLE, data(stored(name="Old")), data(stored()))

    assert Upserted("updated", linked=False) == update(Stigg(connect(stigg)), wanted(link=LINK))
    assert "integrations" not in stigg.bodies()[-1]


def test_lost(connect: Connect) -> None:
    """A lost answer is unknown; it is not taken for a refusal."""
    with pytest.raises(OutcomeUnknown):
        upsert(Stigg(connect(ScriptedStigg(Answer(500)))), wanted(link=LINK))


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        (stored(), Upserted("updated", linked=False)),
        (
            stored(metadata={"tier": "gold", "origin": "crm", OPERATION_METADATA_KEY: "e1"}),
            Upserted("created", linked=False),
        ),
        (
            stored(metadata={"tier": "gold", "origin": "crm", OPERATION_METADATA_KEY: "e0"}),
            Upserted("updated", linked=False),
        ),
        (stored(name="Other"), None),
        (stored(metadata={"tier": "gold"}), None),
        (stored(metadata=None), None),
    ],
)
def test_look_up(connect: Connect, current: dict[str, object], expected: Upserted | None) -> None:
    """An effect is there if the customer is as wanted; its mark tells who created it."""
    assert expected == find_effect(Stigg(connect(ScriptedStigg(data(current)))), wanted())


def test_look_up_nested(connect: Connect) -> None:
    """What is wanted of nested parts has to be there, in any order and with more beside it."""
    passthrough = {"stripe": {"taxIds": [{"type": "eu_vat", "value": "1"}]}}
    more = {
        "stripe": {"taxIds": [{"type": "x", "value": "2"}, {"type": "eu_vat", "value": "1"}], "y": 1},
        "zuora": None,
    }
    customer = wanted(details={"passthrough": passthrough})

    assert find_effect(Stigg(connect(ScriptedStigg(data(stored(passthrough=more))))), customer) is not None
    assert find_effect(Stigg(connect(ScriptedStigg(data(stored(passthrough=None))))), customer) is None
    assert find_effect(Stigg(connect(ScriptedStigg(data(stored(passthrough={"stripe": {}}))))), customer) is None


def test_look_up_nobody(connect: Connect) -> None:
    """A customer that does not exist is no effect."""
    assert find_effect(Stigg(connect(ScriptedStigg(MISSING))), wanted()) is None


@pytest.mark.parametrize(
    ("code", "expected"), [("DUPLICATED_ENTITY_NOT_ALLOWED", True), ("BadUserInput", False), (None, False)]
)
def test_is_duplicate(code: str | None, *, expected: bool) -> None:
    """A duplicate is told by its code."""
    assert expected is is_duplicate(Refused("REFUSED_BY_STIGG", "No.", stigg=StiggReply(409, code)))


KEEPS: list[tuple[dict[str, object], dict[str, object]]] = [
    # what the customer has, and what of name Acme, e-mail address and dollars is sent
    (
        {"name": None, "email": "", "billingCurrency": None},
        {"name": "Acme", "email": "a@b.c", "billingCurrency": "usd"},
    ),
    ({"name": "Other", "email": None, "billingCurrency": "usd"}, {"email": "a@b.c"}),
    ({"name": "Other", "email": "x@y.z", "billingCurrency": "USD"}, {}),
]


@pytest.mark.parametrize(("has", "sent"), KEEPS)
def test_what_a_customer_keeps(connect: Connect, has: dict[str, object], sent: dict[str, object]) -> None:
    """What a customer keeps only fills what is empty; with nothing to fill, nothing is sent."""
    there = {"id": "acme", "metadata": {"origin": "crm"}, **has}
    stigg = ScriptedStigg(DUPLICATE, data(there), data({**there, **sent}))
    keeps = frozenset({"name", "email", "billingCurrency"})
    details = {"name": "Acme", "email": "a@b.c", "billingCurrency": "usd"}

    done = upsert(Stigg(connect(stigg)), wanted(details=details, keeps=keeps))

    assert done.outcome == ("updated" if sent else "unchanged")
    assert [{**sent, "metadata": {"origin": "crm"}}] * bool(sent) == stigg.bodies()[1:]


def test_a_currency_that_is_kept(connect: Connect) -> None:
    """A customer that keeps its currency is not changed for another one: the request is refused, and names both."""
    stigg = ScriptedStigg(DUPLICATE, data({"id": "acme", "billingCurrency": "usd"}))
    keeps = frozenset({"billingCurrency"})

    with pytest.raises(RequestInvalid) as raised:
        upsert(Stigg(connect(stigg)), wanted(details={"billingCurrency": "eur", "name": "Acme"}, keeps=keeps))

    assert [problem.field for problem in raised.value.details] == ["billingCurrency"]
    assert all(word in str(raised.value) for word in ("EUR", "USD", "acme"))
    assert [request.method for request in stigg.requests] == ["POST", "GET"]


@pytest.mark.parametrize(
    ("has", "outcome"),
    [({"email": "x@y.z"}, "updated"), ({"email": None}, None), ({"email": "x@y.z", "billingCurrency": "eur"}, None)],
)
def test_looking_up_what_a_customer_keeps(connect: Connect, has: dict[str, object], outcome: str | None) -> None:
    """A customer is as wanted if what it keeps is filled; one of another currency is not."""
    stigg = ScriptedStigg(data({"id": "acme", "metadata": {"origin": "crm"}, "billingCurrency": "usd", **has}))
    keeps = frozenset({"email", "billingCurrency"})

    found = find_effect(
        Stigg(connect(stigg)), wanted(details={"email": "a@b.c", "billingCurrency": "usd"}, keeps=keeps)
    )

    assert (found.outcome if found else None) == outcome
