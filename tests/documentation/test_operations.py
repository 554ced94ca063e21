"""docs/operations.md: its queries name fields that lines have, and its commands are requests that actions take."""

import json
import re

import pytest

from local.stack.template import ROOT
from scripts.action_models import models
from tests.support.documented import table
from tests.support.expanded import of_type
from tests.support.some import some

TEXT = (ROOT / "docs" / "operations.md").read_text()
COMMANDS = sorted(set(re.findall(r"call ([a-z-]+) '(\{.*?\})'", TEXT)))
QUERIES = re.findall(r"^ *(filter .+(?:\n *\|.+)*)$", TEXT, re.MULTILINE) + re.findall(r"`(filter [^`]+)`", TEXT)
OF_INSIGHTS = {"@timestamp", "@logStream"}
OF_LAMBDA = {"level", "message", "errorType", "errorMessage", "location", "requestId", "record.requestId"} | {
    "record.status",
    "record.errorType",
}
"""Fields of the lines of Lambda's runtime client and platform."""
IDS = {"correlationId", "operationKey", "customerId", "subscriptionId", "salesforceRecordId", "batchId", "requestId"}


def fields_of_lines() -> set[str]:
    """Return the fields that the page says the line of a call has."""
    rows = TEXT.split("\n## Logs\n")[1].split("\n\n")[1].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def fields_of_access_lines() -> set[str]:
    """Return the fields of the access log."""
    (stage,) = of_type("AWS::ApiGateway::Stage").values()
    return set(json.loads(stage["Properties"]["AccessLogSetting"]["Format"]))


@pytest.mark.parametrize(("action", "body"), COMMANDS)
def test_commands(action: str, body: str) -> None:
    """Every command has a body that its action takes, but for the ids left to be filled in."""
    filled = body.replace('"..."', '"0015g00000XyAcM"').replace('"ID"', '"0015g00000XyAcM"')

    models(action)[0].model_validate(json.loads(filled))


@pytest.mark.parametrize("query", QUERIES)
def test_queries(query: str) -> None:
    """Every query names fields that a line of one of the logs has."""
    words = re.sub(r'"[^"]*"|\b(count|avg|max|sum|ispresent)\(|\*\)', " ", query)
    named = set(re.findall(r"@?[a-zA-Z.]+", words)) - {
        *("filter", "and", "or", "in", "by", "like", "stats", "fields", "sort", "desc")
    }

    assert named
    assert named <= fields_of_lines() | fields_of_access_lines() | OF_LAMBDA | OF_INSIGHTS


def test_every_id_has_its_query() -> None:
    """The table of ids has a query for each id that a line has, and says where the ledger is asked."""
    rows = table(TEXT, "ids")
    queried = {name for row in rows for name in re.findall(r"(\w+) (?:=|like) ", row[2])}

    assert queried >= IDS
    assert all(row[3] for row in some(rows))
