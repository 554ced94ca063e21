"""What the document says for agents of Agentforce: which operations may be their actions, and the topic of these.

Only operations that change nothing in Stigg are published. Sources: Salesforce's guide to Agentforce, "OpenAPI
Extensions to Automatically Create Agent Actions"; MuleSoft's "Topic Center", on topics.
"""

from collections.abc import Mapping
from typing import Any

from scripts.action_models import Schema, models

EXTENSION = "x-sfdc"
SHOWS_PEOPLE: Mapping[str, bool] = {"get-subscription": False, "get-customer": True, "preview-subscription": False}
"""The actions that agents may use, and whether their answers have names and e-mail addresses."""

TOPIC: Mapping[str, Any] = {
    "name": "stigg_subscriptions",
    "classificationDescription": "Questions about what a customer has in Stigg: subscriptions, plans, add-ons, usage "
    "and limits, credits, open invoices, what is scheduled, and what a change would cost.",
    "scope": "Your job is to look up subscriptions and customers in Stigg and to preview prices. You do not change, "
    "sell, cancel or refund anything.",
    "instructions": [
        "Name a subscription by salesforceRecordId, the id of the opportunity product, or by subscriptionId.",
        "Name a customer by salesforceAccountId, the id of the account, or by customerId.",
        "Always send faultOnError false. If success is false, give the user errorMessage, and do not guess the answer.",
        "Show amounts with their currency, and dates with their time zone, as they are in the answer.",
        "A preview changes nothing. If the user wants the change itself, say that it is made on the opportunity.",
    ],
}


def published(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the schemas, with the bodies of agent actions marked: users fill requests, and are shown answers."""
    marked = dict(schemas)
    for action in SHOWS_PEOPLE:
        request, answer = models(action)
        marked[request.__name__] = {**marked[request.__name__], **_body(is_input=True)}
        marked[answer.__name__] = {**marked[answer.__name__], **_body(is_input=False)}
    return marked


def of_document() -> Schema:
    """Return the extension of the document: the topic."""
    return {EXTENSION: {"agent": {"topic": dict(TOPIC)}}}


def of_operation(action: str) -> Schema:
    """Return the extension of an operation; empty if agents may not use it."""
    if action not in SHOWS_PEOPLE:
        return {}
    return {
        EXTENSION: {
            "agent": {"action": {"publishAsAgentAction": True}},
            "privacy": {"isPii": SHOWS_PEOPLE[action]},
        }
    }


def _body(*, is_input: bool) -> Schema:
    return {EXTENSION: {"agent": {"action": {"isUserInput": is_input, "isDisplayable": not is_input}}}}
