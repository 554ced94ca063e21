"""The rules of Salesforce External Services: the published document keeps them, and each breach is found."""

from itertools import pairwise

import pytest

from scripts.openapi import rules
from scripts.openapi.rules import RULES, Rule
from tests.support.spoiled_documents import (
    PUBLISHED,
    TEXT,
    Json,
    Mutation,
    changed,
    field,
    named,
    operation,
    reference,
    spoiled,
    with_field,
    without,
)

STIGGS_OWN_NAMES = {"currency", "limit", "type"}
AMOUNT = field("Money.amount")
NUMBER = {"type": "integer", "format": "int64", "description": "A number, such as 1."}
LIST = {**TEXT, "type": "array"}
PUBLISHED_TO_AGENTS = {"publishAsAgentAction": True}
OBJECT = {"description": "An object.", "type": "object", "properties": {}}


def unused(content: Json) -> None:
    """Add a schema that no other refers to."""
    content["components"]["schemas"]["Unused"] = OBJECT


def nested(content: Json) -> None:
    """Nest objects in 15 levels below another."""
    names = [f"Level{number}" for number in range(15)]
    levels = {one: {**OBJECT, "properties": {"deeper": reference(other)}} for one, other in pairwise(names)}
    content["components"]["schemas"] |= {**levels, names[-1]: OBJECT}
    with_field("deep", reference(names[0]))(content)


BREACHES: list[tuple[Rule, str, Mutation]] = [
    (rules.names, "underscore", with_field("postal_code", TEXT)),
    (rules.names, "digit-first", with_field("3rdLine", TEXT)),
    (rules.distinct_names, "letter-case", with_field("Amount", TEXT)),
    (rules.distinct_names, "encoded", with_field("z0currency", TEXT)),
    (rules.kinds, "one-of", with_field("more", {"description": "More.", "oneOf": [TEXT, {"type": "boolean"}]})),
    (rules.kinds, "no-type", with_field("more", {"description": "Anything."})),
    (rules.kinds, "no-name", with_field("more", OBJECT)),
    (rules.kinds, "float", with_field("more", {**NUMBER, "type": "number", "format": "float"})),
    (rules.kinds, "no-format", with_field("more", {**TEXT, "type": "integer"})),
    (rules.kinds, "other-format", with_field("more", {**TEXT, "format": "datetime"})),
    (rules.kinds, "of-lists", with_field("more", {**LIST, "items": {**LIST, "items": TEXT}})),
    (rules.enums, "not-described", with_field("more", {**TEXT, "enum": ["RED"]})),
    (rules.enums, "items-not-described", with_field("more", {**LIST, "items": {"type": "string", "enum": ["RED"]}})),
    (rules.moments, "text", without(field("CancelSubscription.endDate"), "format")),
    (rules.moments, "number", with_field("endsAt", NUMBER)),
    (rules.descriptions, "no-property", without(AMOUNT, "description")),
    (rules.descriptions, "blank", changed(operation, {"description": " "})),
    (rules.descriptions, "too-long", changed(AMOUNT, {"description": "x" * 1_334})),
    (rules.depth, "deep", nested),
    (rules.depth, "itself", with_field("more", reference("Money"))),
    (rules.reachable, "unused", unused),
    (rules.agent_actions, "that-writes", changed(operation, {"x-sfdc": {"agent": {"action": PUBLISHED_TO_AGENTS}}})),
    (rules.agent_actions, "no-topic", lambda content: content.pop("x-sfdc")),
    (rules.agent_actions, "request", without(named("GetCustomer"), "x-sfdc")),
    (rules.agent_actions, "answer", without(named("FoundCustomer"), "x-sfdc")),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_published_document(rule: Rule) -> None:
    """The published document breaks no rule."""
    assert list(rule(PUBLISHED)) == []


def test_reserved_names() -> None:
    """Only names of Stigg are words of Apex."""
    assert {where.rpartition(".")[2] for where, _ in rules.reserved_names(PUBLISHED)} == STIGGS_OWN_NAMES


@pytest.mark.parametrize(
    ("rule", "mutation"),
    [pytest.param(rule, mutation, id=f"{rule.__name__}-{case}") for rule, case, mutation in BREACHES],
)
def test_breach(rule: Rule, mutation: Mutation) -> None:
    """A breach is found by its rule and by no other."""
    broken = spoiled(mutation)

    assert [other for other in RULES if list(other(broken))] == [rule]


def test_every_rule_is_broken() -> None:
    """The list above breaks every rule."""
    assert {rule for rule, _, _ in BREACHES} == {*RULES}
