"""The rules of Salesforce External Services: the published document keeps them, and each breach is seen."""

from collections.abc import Callable

import pytest

from scripts.openapi import rules_operations as of_operations
from scripts.openapi import rules_schemas as of_schemas
from scripts.openapi.check import RULES, check
from scripts.openapi.findings import Finding
from scripts.openapi.reading import Document
from tests.support.spoiled_documents import (
    PATH,
    PUBLISHED,
    TEXT,
    Json,
    Mutation,
    as_json,
    changed,
    document,
    field,
    media,
    named,
    nested,
    operation,
    reference,
    request,
    response,
    responses,
    spoiled,
    with_field,
    with_operation,
    with_parameter,
    without,
)

STIGGS_OWN_NAMES = {"currency", "limit", "type"}
SERVER = {"url": "https://api.example"}
AMOUNT = field("Money.amount")
NUMBER = {"type": "integer", "format": "int64", "description": "A number, such as 1."}
LIST = {**TEXT, "type": "array"}
CHOICE = {"description": "A choice.", "oneOf": [TEXT, {"type": "boolean"}]}


def as_get(content: Json) -> None:
    """Make a GET of a POST."""
    content["paths"][PATH]["get"] = content["paths"][PATH].pop("post")


def without_5xx(content: Json) -> None:
    """Declare no failure that is nobody's fault."""
    kept = {status: body for status, body in responses(content).items() if not status.startswith("5")}
    operation(content)["responses"] = kept


def with_204(content: Json) -> None:
    """Declare an answer without a body, beside one that has a body in spite of it."""
    responses(content)["204"] = responses(content)["200"]


def unused(content: Json) -> None:
    """Add a schema that nothing refers to."""
    content["components"]["schemas"]["Unused"] = nested(1)


BREACHES: list[tuple[Callable[[Document], object], str, Mutation]] = [
    (of_operations.version, "3.1", changed(document, {"openapi": "3.1.0"})),
    (of_operations.size, "too-long", changed(document, {"x-more": "x" * 10_000_001})),
    (of_operations.methods, "options", with_operation("more", "options")),
    (of_operations.methods, "get-with-body", as_get),
    (of_operations.operation_ids, "none", without(operation, "operationId")),
    (of_operations.operation_ids, "upper-case", changed(operation, {"operationId": "CancelSubscription"})),
    (of_operations.operation_ids, "too-long", changed(operation, {"operationId": "a" * 81})),
    (of_operations.operation_ids, "twice", with_operation("cancelsubscription")),
    (of_operations.media_types, "request", changed(media(request), {"application/octet-stream": {}})),
    (of_operations.media_types, "response", changed(media(response(400)), {"application/problem+json": {}})),
    (of_schemas.local_references, "another-file", with_field("more", {"$ref": "more.json", "description": "More."})),
    (of_schemas.local_references, "nothing", with_field("more", {**reference("Nothing"), "description": "More."})),
    (of_schemas.cycles, "itself", with_field("more", reference("Money"))),
    (of_operations.parameters, "cookie", with_parameter(**{"in": "cookie"})),
    (of_operations.parameters, "no-schema", with_parameter(schema=None)),
    (of_operations.parameters, "optional-in-path", with_parameter(**{"in": "path"})),
    (of_schemas.names, "underscore", with_field("postal_code", TEXT)),
    (of_schemas.names, "digit-first", with_field("3rdLine", TEXT)),
    (of_schemas.names, "parameter", with_parameter(name="x-region")),
    (of_schemas.reserved_names, "word-of-Apex", with_field("class", TEXT)),
    (of_schemas.reserved_names, "connection", with_field("connection", TEXT)),
    (of_schemas.distinct_names, "letter-case", with_field("Amount", TEXT)),
    (of_schemas.distinct_names, "encoded", with_field("z0currency", TEXT)),
    (of_schemas.simple_shapes, "map", with_field("more", {**TEXT, "type": "object", "additionalProperties": TEXT})),
    (of_schemas.simple_shapes, "open", changed(named("Money"), {"additionalProperties": True})),
    (of_schemas.simple_shapes, "one-of", with_field("more", CHOICE)),
    (of_schemas.simple_shapes, "no-type", with_field("more", {"description": "Anything."})),
    (of_schemas.simple_shapes, "no-fields", with_field("more", {**TEXT, "type": "object"})),
    (of_schemas.simple_lists, "of-lists", with_field("more", {**LIST, "items": {**LIST, "items": TEXT}})),
    (of_schemas.simple_lists, "of-anything", with_field("more", LIST)),
    (of_schemas.later_words, "nullable", changed(AMOUNT, {"nullable": True})),
    (of_schemas.later_words, "types", with_field("more", {**TEXT, "type": ["string", "null"]})),
    (of_schemas.later_words, "const", with_field("more", {**TEXT, "const": "a"})),
    (of_schemas.later_words, "limit", changed(AMOUNT, {"exclusiveMinimum": 0})),
    (of_operations.response_bodies, "inline", changed(as_json(response(200)), {"schema": nested(1)})),
    (of_operations.response_bodies, "list", changed(as_json(response(200)), {"schema": {**LIST, "items": TEXT}})),
    (of_operations.response_bodies, "text", changed(response(200), {"content": {"text/plain": {"schema": TEXT}}})),
    (of_operations.no_empty_answer, "204", with_204),
    (of_operations.outcomes, "no-5xx", without_5xx),
    (of_operations.one_error_body, "two", changed(as_json(response(404)), {"schema": reference("Money")})),
    (of_operations.response_headers, "location", changed(response(200), {"headers": {"Location": {"schema": TEXT}}})),
    (of_schemas.enums, "not-described", with_field("more", {**TEXT, "enum": ["RED"]})),
    (of_schemas.enums, "no-text", with_field("more", {**NUMBER, "enum": [1]})),
    (of_schemas.numbers, "float", with_field("more", {**NUMBER, "type": "number", "format": "float"})),
    (of_schemas.numbers, "no-format", with_field("more", {**TEXT, "type": "integer"})),
    (of_schemas.moments, "by-name", without(field("CancelSubscription.endDate"), "format")),
    (of_schemas.moments, "by-format", with_field("more", {**TEXT, "format": "datetime"})),
    (of_schemas.moments, "number", with_field("endsAt", NUMBER)),
    (of_schemas.descriptions, "no-request", without(request, "description")),
    (of_schemas.descriptions, "no-property", without(AMOUNT, "description")),
    (of_schemas.descriptions, "blank-parameter", with_parameter(description=" ")),
    (of_schemas.descriptions, "too-long", changed(AMOUNT, {"description": "x" * 1_334})),
    (of_schemas.depth, "deep", with_field("more", nested(15))),
    (of_operations.servers, "path", changed(document, {"servers": [{"url": "https://api.example/v1"}]})),
    (of_operations.servers, "two", changed(document, {"servers": [SERVER, SERVER]})),
    (of_operations.servers, "of-an-operation", changed(operation, {"servers": [SERVER]})),
    (of_operations.agents, "callbacks", changed(operation, {"callbacks": {}})),
    (of_operations.agents, "deprecated-operation", changed(operation, {"deprecated": True})),
    (of_operations.agents, "deprecated-property", changed(AMOUNT, {"deprecated": True})),
    (of_operations.agents, "encoding", changed(as_json(request), {"encoding": {}})),
    (of_operations.parameter_style, "explode", with_parameter(explode=True)),
    (of_operations.parameter_style, "reserved", with_parameter(allowReserved=True)),
    (of_schemas.defaults, "of-a-property", changed(AMOUNT, {"default": 1})),
    (of_schemas.reachable, "unused", unused),
    (of_operations.duration, "slow", changed(operation, {"description": "Answers within 29 seconds."})),
    (of_operations.duration, "not-told", changed(operation, {"description": "Cancels a subscription."})),
]
CASES = [pytest.param(breach, mutation, id=f"{breach.__name__}-{case}") for breach, case, mutation in BREACHES]


@pytest.fixture(scope="module")
def known() -> frozenset[Finding]:
    """What is found in the published document itself."""
    return frozenset(check(PUBLISHED))


def test_published_document(known: frozenset[Finding]) -> None:
    """The published document breaks no rule, but that some of Stigg's names are words of Apex."""
    others = [str(finding) for finding in known if (finding.rule, finding.level) != ("ES08", "warning")]
    names = {finding.where.rpartition(".")[2] for finding in known}

    assert others == []
    assert names == STIGGS_OWN_NAMES


@pytest.mark.parametrize(("breach", "mutation"), CASES)
def test_breach(known: frozenset[Finding], breach: Callable[[Document], object], mutation: Mutation) -> None:
    """One thing that is wrong is found, by its rule and by no other."""
    (rule,) = (rule for rule in RULES if rule.breaches is breach)
    broken = spoiled(mutation)

    assert set(check(broken)) - known == set(rule.check(broken)) - known != set()


def test_every_rule_is_broken() -> None:
    """The list above breaks each rule that looks at the document alone."""
    assert {breach for breach, _, _ in BREACHES} == {rule.breaches for rule in RULES}
    assert {rule.id for rule in RULES} == {f"ES{number:02}" for number in range(1, 30)} - {"ES26", "ES27", "ES28"}


@pytest.mark.parametrize("address", ["https://api.example", "https://api.example/"])
def test_one_server_without_a_path(known: frozenset[Finding], address: str) -> None:
    """A single server without a path does no harm."""
    assert set(check(spoiled(changed(document, {"servers": [{"url": address}]})))) == known


def test_default_of_a_parameter(known: frozenset[Finding]) -> None:
    """The default of a parameter is outermost: Salesforce heeds it."""
    assert set(check(spoiled(with_parameter(schema={"type": "string", "default": "eu"})))) == known
