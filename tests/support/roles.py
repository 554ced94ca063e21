"""The roles of the functions, enforced: a call to DynamoDB that the function's policies do not allow fails the test.

The AWS stand-in checks actions and tables, and knows no condition on an item's key; so the policies are evaluated
here, as AWS documents it: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

from local.stack.template import BATCHES, MAPPINGS, OPERATIONS, WEBHOOKS
from tests.support.expanded import as_list, role_statements

PARTITION_KEYS = {MAPPINGS: "pk", OPERATIONS: "operation_key", BATCHES: "batch_key", WEBHOOKS: "message_key"}
TABLES = {"mappings-": MAPPINGS, "operations-": OPERATIONS, "batches-": BATCHES, "webhooks-": WEBHOOKS}
"""The tables of the template, by how the tests' own tables are called."""
LEADING_KEYS, ATTRIBUTES, RETURNED = "dynamodb:LeadingKeys", "dynamodb:Attributes", "dynamodb:ReturnValues"
_NAME = re.compile(r"(?<!:)#?\b[a-z_]+\b")
_WORDS = {"and", "or", "not", "if_not_exists", "attribute_exists", "attribute_not_exists", "set", "add", "delete"}


class RightMissingError(AssertionError):
    """A function did what its role does not allow."""


class Call(NamedTuple):
    """What one call does with one table: the right that it needs, and the condition keys that AWS evaluates it by."""

    action: str
    table: str
    on_index: str | None
    context: Mapping[str, frozenset[str]]


class Acting(threading.local):
    """The functions that run on this thread, the innermost last."""

    def __init__(self) -> None:
        self.functions: list[str] = []


_acting = Acting()


@contextmanager
def acting_as(function: str) -> Iterator[None]:
    """Act under the role of a function, by its logical id, on this thread."""
    _acting.functions.append(function)
    try:
        yield
    finally:
        _acting.functions.pop()


class GuardedDynamoDB:
    """A client that makes the calls which a function's role allows: of the one named, else of the one that runs."""

    def __init__(self, client: Any, function: str | None = None) -> None:  # noqa: ANN401 - any client
        self._client = client
        self._function = function

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        """Return an operation that is checked when it is called."""
        made = getattr(self._client, operation)

        def call(**arguments: Any) -> Any:  # noqa: ANN401 - as boto3's
            function = self._function or next(reversed(_acting.functions), None)
            if function is not None:
                check(function, operation, arguments)
            return made(**arguments)

        return call


def check(function: str, operation: str, arguments: Mapping[str, Any]) -> None:
    """Check a call against the role of a function. Raises RightMissingError."""
    for call in calls(operation, arguments):
        if call.table in PARTITION_KEYS and not any(_allows(statement, call) for statement in _statements(function)):
            raise RightMissingError(
                f"{function} may not {call.action} in {call.on_index or call.table}: {call.context}"
            )


def calls(operation: str, arguments: Mapping[str, Any]) -> Iterator[Call]:
    """Yield what a call of boto3's DynamoDB client needs the right to do."""
    if "TransactItems" in arguments:
        for item in arguments["TransactItems"]:
            ((kind, write),) = item.items()
            yield _call(f"{kind}Item", write)
    elif "RequestItems" in arguments:
        for table, wanted in arguments["RequestItems"].items():
            keys = wanted["Keys"] if "Keys" in wanted else [one["PutRequest"]["Item"] for one in wanted]
            yield Call(_title(operation), _logical(table), None, {LEADING_KEYS: _leading(table, keys)})
    else:
        yield _call(_title(operation), arguments)


def _call(action: str, arguments: Mapping[str, Any]) -> Call:
    table, index = arguments["TableName"], arguments.get("IndexName")
    if action == "Query":
        name = re.fullmatch(r"(#?\w+) = (:\w+)( .*)?", arguments["KeyConditionExpression"])
        assert name is not None, arguments["KeyConditionExpression"]
        (key,) = arguments["ExpressionAttributeValues"][name[2]].values()
        return Call(action, _logical(table), index, {LEADING_KEYS: frozenset({key})})
    if action == "Scan":
        return Call(action, _logical(table), index, {})
    context = {LEADING_KEYS: _leading(table, [arguments.get("Item") or arguments["Key"]])}
    if action == "UpdateItem":
        context |= {ATTRIBUTES: _attributes(arguments), RETURNED: frozenset({arguments.get("ReturnValues", "NONE")})}
    return Call(action, _logical(table), index, context)


def _leading(table: str, items: list[Mapping[str, Any]]) -> frozenset[str]:
    name = PARTITION_KEYS.get(_logical(table))
    return frozenset(item[name]["S"] for item in items if name)


def _attributes(arguments: Mapping[str, Any]) -> frozenset[str]:
    """Return the attributes that an update names: its key's, and those of its expressions."""
    expressions = f"{arguments['UpdateExpression']} {arguments.get('ConditionExpression', '')}"
    aliases = arguments.get("ExpressionAttributeNames", {})
    found = {aliases.get(name, name) for name in _NAME.findall(re.sub(r":\w+", "", expressions))}
    return frozenset({*arguments["Key"], *found} - _WORDS)


def _logical(table: str) -> str:
    """Return the table's logical id; a table that a test has lost keeps its name."""
    return next((logical for prefix, logical in TABLES.items() if table.startswith(prefix)), table)


def _title(operation: str) -> str:
    return operation.title().replace("_", "")


@cache
def _statements(function: str) -> list[dict[str, Any]]:
    return [one for one in role_statements(function) if "dynamodb:" in str(one["Action"])]


def _allows(statement: Mapping[str, Any], call: Call) -> bool:
    place = (
        {"Fn::GetAtt": [call.table, "Arn"]}
        if call.on_index is None
        else {"Fn::Sub": "${" + call.table + ".Arn}/index/" + call.on_index}
    )
    named = f"dynamodb:{call.action}" in as_list(statement["Action"]) and place in as_list(statement["Resource"])
    return named and all(
        holds(operator, call.context.get(key, frozenset()), set(as_list(wanted)))
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def holds(operator: str, given: frozenset[str], wanted: set[str]) -> bool:
    """Whether a condition holds. An operator that is not known here is none that a policy may use."""
    match operator:
        case "ForAllValues:StringLike":
            return all(any(fnmatchcase(one, pattern) for pattern in wanted) for one in given)
        case "ForAllValues:StringEquals":
            return given <= wanted
        case "StringEqualsIfExists":
            return given <= wanted
    raise NotImplementedError(operator)
