"""Contracts: custom-priced subscriptions of one customer under one agreement, created all or nothing.

A contract is a DRAFT until one of its subscriptions is active. It cannot be deleted; archived, it is CANCELED with its
subscriptions. With billing, it has a contract at the billing provider.
"""

from itertools import combinations

from local.stigg_emulator.catalog import Json
from local.stigg_emulator.clock import write
from local.stigg_emulator.errors import Refusal
from local.stigg_emulator.pricing import lines
from local.stigg_emulator.provision import checked
from local.stigg_emulator.records import LIVE, Contract, Subscription
from local.stigg_emulator.replacement import admit, close
from local.stigg_emulator.world import Call, World, new_id

DETAILS = ("name", "poNumber", "activationStartDate", "activationEndDate")


def create_contract(world: World, call: Call) -> Json:
    """POST /contracts: create it with its subscriptions; the id of one that exists answers with that one."""
    body = call.body
    if body.get("contractId") in world.contracts:
        return {"data": contract_view(world, world.contracts[body["contractId"]])}
    world.open_customer(body["customerId"])
    ref = body.get("contractId") or new_id("contract")
    sent = {name: body[name] for name in DETAILS if name in body}
    contract = Contract(new_id("contract"), ref, body["customerId"], sent, world.now, body.get("setupBilling", True))
    parts = [_part(world, part) for part in body.get("subscriptions", [])]
    _check_members(world, contract, parts)
    for new in parts:
        if new.id not in world.subscriptions:
            admit(world, new)
    contract.subscription_ids = [subscription.id for subscription in parts]
    world.contracts[ref] = contract
    return {"data": contract_view(world, contract)}


def get_contract(world: World, call: Call) -> Json:
    """GET /contracts/{id}."""
    return {"data": contract_view(world, _contract(world, call))}


def list_contracts(world: World, call: Call) -> Json:
    """GET /customers/{id}/contracts: all of them, on one page."""
    world.customer(call.id, status=404)
    own = (contract for contract in world.contracts.values() if contract.customer_id == call.id)
    return {"data": [contract_view(world, contract) for contract in own]}


def update_contract(world: World, call: Call) -> Json:
    """PATCH /contracts/{id}: replace what is present. Billing is added, never removed; who leaves stays active."""
    contract = _open(world, call)
    if "subscriptionIds" in call.body:
        members = [world.subscription(subscription_id) for subscription_id in call.body["subscriptionIds"]]
        _check_members(world, contract, members)
        contract.subscription_ids = [subscription.id for subscription in members]
    contract.sent |= {name: call.body[name] for name in DETAILS if name in call.body}
    contract.bills = contract.bills or call.body.get("setupBilling", False)
    return {"data": contract_view(world, contract)}


def archive_contract(world: World, call: Call) -> Json:
    """POST /contracts/{id}/archive: cancel it with its subscriptions."""
    contract = _open(world, call)
    contract.archived = True
    for subscription in _members(world, contract):
        if subscription.status in LIVE:
            close(world, subscription, "Immediate")
    return {"data": contract_view(world, contract)}


def contract_view(world: World, contract: Contract) -> Json:
    """Show a contract. The purchase-order number is shown as its name, if it has one."""
    state, sent = _state(world, contract), contract.sent
    return {
        "id": contract.key,
        "contractId": contract.ref,
        "refId": contract.ref,
        "externalId": contract.ref,
        "customerExternalId": contract.customer_id,
        "createdAt": write(contract.created_at),
        "name": sent.get("poNumber") or sent.get("name") or world.customers[contract.customer_id].sent.get("name"),
        "poNumber": sent.get("poNumber"),
        "activationStartDate": sent.get("activationStartDate"),
        "activationEndDate": sent.get("activationEndDate"),
        "state": state,
        "billingState": state if contract.bills else None,
        "billingId": f"billing-{contract.key}" if contract.bills else None,
        "latestInvoice": None,
        "nextInvoice": None,
        "subscriptions": [_member_view(subscription) for subscription in _members(world, contract)],
    }


def _member_view(subscription: Subscription) -> Json:
    names = {"planDisplayName": subscription.plan.name, "productDisplayName": subscription.plan.product.id}
    return {"subscriptionId": subscription.id, **names}


def _state(world: World, contract: Contract) -> str:
    if contract.archived:
        return "CANCELED"
    return "ACTIVE" if any(one.status in {"ACTIVE", "IN_TRIAL"} for one in _members(world, contract)) else "DRAFT"


def _members(world: World, contract: Contract) -> list[Subscription]:
    return [world.subscriptions[subscription_id] for subscription_id in contract.subscription_ids]


def _contract(world: World, call: Call) -> Contract:
    if call.id not in world.contracts:
        raise Refusal("ContractNotFound", f"Contract not found: {call.id}", 404)
    return world.contracts[call.id]


def _open(world: World, call: Call) -> Contract:
    contract = _contract(world, call)
    if contract.archived:
        raise Refusal("EntityIsArchivedError", f"Contract is archived: {call.id}")
    return contract


def _part(world: World, part: Json) -> Subscription:
    """Find or draft one subscription; a draft is not known to anyone yet."""
    if ("newSubscription" in part) == ("existingSubscriptionId" in part):
        raise Refusal("BadUserInput", "exactly one of newSubscription or existingSubscriptionId must be set")
    if "newSubscription" in part:
        return checked(world, part["newSubscription"])
    return world.subscription(part["existingSubscriptionId"])


def _check_members(world: World, contract: Contract, members: list[Subscription]) -> None:
    for subscription in members:
        _check_member(world, contract, subscription)
    for one, other in combinations(members, 2):
        if one.plan.product.id == other.plan.product.id:
            problem = f"A contract has one subscription of product {one.plan.product.id}"
            raise Refusal("DuplicatedEntityNotAllowed", problem, 409)
        if len(_currencies(world, one) | _currencies(world, other)) > 1:
            raise Refusal("BadUserInput", "The subscriptions of a contract have one currency")


def _check_member(world: World, contract: Contract, subscription: Subscription) -> None:
    name, other = subscription.id, world.contract_of(subscription.id)
    if subscription.customer_id != contract.customer_id:
        raise Refusal("BadUserInput", f"Subscription {name} belongs to another customer")
    if subscription.id in world.subscriptions and subscription.status not in LIVE:
        raise Refusal("InvalidSubscriptionStatus", f"Subscription {name} is {subscription.status}")
    if other is not None and other is not contract:
        raise Refusal("DuplicatedEntityNotAllowed", f"Subscription {name} is on contract {other.ref}", 409)
    is_paid_outside = subscription.plan.pricing_type == "PAID" and subscription.collection_method == "NONE"
    if subscription.plan.pricing_type != "CUSTOM" and not is_paid_outside:
        raise Refusal("BadUserInput", f"Subscription {name} is not custom-priced")


def _currencies(world: World, subscription: Subscription) -> set[str]:
    currency = world.customers[subscription.customer_id].currency
    charged = {line.currency for line in lines(world.catalog, subscription.plan, subscription.sent, currency)}
    spend = subscription.sent.get("minimumSpend") or {}
    return charged | ({spend["currency"]} if spend else set())
