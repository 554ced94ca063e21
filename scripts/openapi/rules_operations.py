"""Rules about a document as a whole, its operations and its bodies.

Source: Salesforce Help, "External Services" (limits, accepted OpenAPI, operations, outputs), and the rules by which
Salesforce's own tools for VS Code judge a document.
"""

import re
from collections import Counter
from collections.abc import Iterator

from scripts.openapi.findings import Found
from scripts.openapi.reading import JSON, METHODS, Document, name_of, schema_of

LONGEST_JSON = 10_000_000
LONGEST_NAME = 80
GATEWAY_SECONDS = 29
_CALLABLE = set(METHODS) - {"head", "options", "trace"}
_WITHOUT_BODY = {"get", "delete"}
_REQUEST_TYPES = {JSON, "application/x-www-form-urlencoded", "text/plain"}
_RESPONSE_TYPES = _REQUEST_TYPES | {"application/octet-stream"}
_OPERATION_ID = re.compile(r"[a-z][A-Za-z0-9]*")
_SECONDS = re.compile(r"within (\d+) seconds")


def version(document: Document) -> Iterator[Found]:
    """ES01: OpenAPI 3.0."""
    given = str(document.content.get("openapi"))
    if not re.fullmatch(r"3\.0\.\d+", given):
        yield "openapi", f"is {given}; Salesforce reads 3.0"


def size(document: Document) -> Iterator[Found]:
    """ES02: not longer than a registration may be."""
    if len(document.text) > LONGEST_JSON:
        yield "document", f"has {len(document.text)} characters; {LONGEST_JSON} are the most"


def methods(document: Document) -> Iterator[Found]:
    """ES03: methods that Salesforce calls, and no body where there can be none."""
    for operation in document.operations:
        if operation.method not in _CALLABLE:
            yield operation.where, "has a method that Salesforce does not call"
        if operation.method in _WITHOUT_BODY and "requestBody" in operation.content:
            yield operation.where, f"has a body, which a {operation.method} cannot have"


def operation_ids(document: Document) -> Iterator[Found]:
    """ES04: every operation has a name that can be an action's; the registration writes it in lower case."""
    count = Counter(operation.id.lower() for operation in document.operations)
    for operation in document.operations:
        if not _OPERATION_ID.fullmatch(operation.id) or len(operation.id) > LONGEST_NAME:
            yield operation.where, f"has the operationId {operation.id!r}; it must be like createCustomer"
        elif count[operation.id.lower()] > 1:
            yield operation.where, f"has the operationId {operation.id}, as another operation has, letter case aside"


def media_types(document: Document) -> Iterator[Found]:
    """ES05: an unknown media type invalidates the whole registration."""
    sides = ((document.requests, _REQUEST_TYPES), (document.responses, _RESPONSE_TYPES))
    for where, body, known in ((where, body, known) for bodies, known in sides for where, body in bodies):
        for kind in sorted(body.get("content", {}).keys() - known):
            yield where, f"has the media type {kind}, which Salesforce does not know"


def parameters(document: Document) -> Iterator[Found]:
    """ES07: parameters that can be inputs of an action."""
    for where, parameter in document.parameters:
        missing = sorted({"name", "in", "schema"} - parameter.keys())
        if missing:
            yield where, f"lacks {', '.join(missing)}"
        if parameter.get("in") == "cookie":
            yield where, "is a cookie, which Salesforce does not send"
        if parameter.get("in") == "path" and parameter.get("required") is not True:
            yield where, "is part of the path, so it must be required"


def response_bodies(document: Document) -> Iterator[Found]:
    """ES13: every answer is a named object, so that Flow variables keep their class."""
    for where, response in document.responses:
        schema = schema_of(response)
        if "$ref" not in schema or document.resolved(schema).get("type") != "object":
            yield where, f"is not {JSON} with a reference to a schema of an object"


def no_empty_answer(document: Document) -> Iterator[Found]:
    """ES13: a Flow cannot read an answer without a body."""
    for operation in document.operations:
        if "204" in operation.responses:
            yield operation.where, "may answer with 204, which has no body"


def outcomes(document: Document) -> Iterator[Found]:
    """ES14: a success and both kinds of failure are declared."""
    for operation in document.operations:
        for kind in sorted({"2", "4", "5"} - {status[0] for status in operation.responses}):
            yield operation.where, f"declares no {kind}xx response"


def one_error_body(document: Document) -> Iterator[Found]:
    """ES14: every failure has the same body."""
    errors = [
        (f"{operation.where} {status}", name_of(schema_of(response)))
        for operation in document.operations
        for status, response in operation.responses.items()
        if status[0] in "45"
    ]
    (shared, _), *_ = Counter(name for _, name in errors).most_common(1) or [("", 0)]
    for where, name in errors:
        if name != shared:
            yield where, f"has the body {name or 'without a name'}, where other errors have {shared}"


def response_headers(document: Document) -> Iterator[Found]:
    """ES15: Flows cannot read the headers of an answer."""
    for where, response in document.responses:
        if "headers" in response:
            yield where, "has headers, which Flows cannot read"


def servers(document: Document) -> Iterator[Found]:
    """ES21: the Named Credential has the address; what a server's path says is appended to it."""
    addresses = [str(server.get("url", "")) for server in document.content.get("servers", ())]
    if len(addresses) > 1 or any(re.sub(r"^https?://[^/]+", "", address).strip("/") for address in addresses):
        yield "servers", "must be left out, or be one without a path"
    holders = [*document.paths.items(), *((operation.where, operation.content) for operation in document.operations)]
    for where, holder in holders:
        if "servers" in holder:
            yield where, "has servers of its own, which Salesforce ignores"


def agents(document: Document) -> Iterator[Found]:
    """ES22: nothing that keeps an operation from being an agent's action."""
    for operation in document.operations:
        for name in sorted({"callbacks", "deprecated"} & operation.content.keys()):
            yield operation.where, f"has {name}, which Flows and agents do not take"
    for where, media in document.media:
        if "encoding" in media:
            yield where, "has encoding, which Flows and agents do not take"
    for where, schema in document.schemas:
        if "deprecated" in schema:
            yield where, "is deprecated, which Flows and agents do not take"


def parameter_style(document: Document) -> Iterator[Found]:
    """ES23: lists in parameters are written in one way."""
    for where, parameter in document.parameters:
        for name in ("explode", "allowReserved"):
            if parameter.get(name):
                yield where, f"has {name}, which must be false"


def duration(document: Document) -> Iterator[Found]:
    """ES29: every operation says how long it takes at worst, and API Gateway waits as long."""
    for operation in document.operations:
        said = _SECONDS.search(str(operation.content.get("description", "")))
        if said is None:
            yield operation.where, "does not say in its description within how many seconds it answers"
        elif int(said[1]) >= GATEWAY_SECONDS:
            yield operation.where, f"answers within {said[1]} seconds; API Gateway gives up after {GATEWAY_SECONDS}"
