"""docs/deploy.md and what lies beside it say what the template has."""

import json
import re
from pathlib import Path

import pytest

from local.stack.template import ROOT, template
from scripts.costs import DOCUMENT, UNITS, parts, rendered
from scripts.stigg_secret import FIELDS
from tests.support.expanded import as_list, expanded, of_type

TEXT = DOCUMENT.read_text()
POLICY = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())
NAMESPACES = {
    "ApiGateway": "apigateway",
    "CloudWatch": "cloudwatch",
    "DynamoDB": "dynamodb",
    "Events": "events",
    "IAM": "iam",
    "Lambda": "lambda",
    "Logs": "logs",
    "SQS": "sqs",
    "SecretsManager": "secretsmanager",
}
"""What IAM calls the services that CloudFormation names otherwise."""


def test_costs() -> None:
    """The table of costs is what the program reckons; `make docs` writes it."""
    assert rendered(TEXT) == TEXT


def test_sum_of_costs() -> None:
    """A subscription's million is the sum of its parts, reckoned by hand."""
    costs = {name: float(cost) for name, cost in parts(UNITS["create-subscription"]).items()}

    assert costs["DynamoDB"] == pytest.approx(4 * 0.125 + 25 * 0.625)
    assert costs["Lambda"] == pytest.approx(0.2 + 0.5 * 13.3334)
    assert sum(costs.values()) == pytest.approx(3.5 + 16.125 + 6.8667 + 1.25 + 1.8667, abs=0.01)


def test_options() -> None:
    """The table of options has every parameter that samconfig.toml may set, but for the environment itself."""
    options = TEXT.split("\n## Options\n")[1].split("\n### ")[0]
    told = {
        name for row in re.findall(r"^\| (`.+?`) \|", options, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }

    assert told == template()["Parameters"].keys() - {"Environment"}


def test_fields_of_the_secret() -> None:
    """The table of the secret has every field that the program stores."""
    rows = re.findall(r"^\| `([a-z-]+)` \| `(\w+)` \|", TEXT, re.MULTILINE)

    assert dict(rows) == FIELDS


def test_outputs() -> None:
    """Every output that the guide names is one of the stack's."""
    named = {"ApiUrl", "Region", "SalesforceCallerPolicyArn", "ApiKeyId", "FunctionLogGroupName", "AccessLogGroupName"}

    assert [name for name in named if f"`{name}`" not in TEXT] == []
    assert named <= expanded()["Outputs"].keys()


def test_number_of_alarms() -> None:
    """The guide reckons with as many alarms as there are."""
    assert f"{len(of_type('AWS::CloudWatch::Alarm'))} alarms at $0.10" in TEXT


def test_who_deploys_may_make_everything() -> None:
    """The deployer's policy has rights in every service of which the template makes something, and names the stacks."""
    services = {NAMESPACES[made["Type"].split("::")[1]] for made in expanded()["Resources"].values()}
    allowed = {action.split(":")[0] for statement in POLICY["Statement"] for action in as_list(statement["Action"])}
    everywhere = [statement["Sid"] for statement in POLICY["Statement"] if statement["Resource"] == "*"]

    assert allowed == services | {"cloudformation", "s3"}
    assert everywhere == ["Sources", "AccessLogs"]


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_the_aws_cli_is_named(page: Path) -> None:
    """A page that has commands of the AWS CLI says which version they need, and none mixes two outputs."""
    text = " ".join(page.read_text().split())
    has_commands = re.search(r"^ *(call\(\) \{ )?aws [a-z-]+ ", page.read_text(), re.MULTILINE) is not None

    assert has_commands <= (re.search(r"version 2 of the \[?AWS CLI", text) is not None)
    assert "/dev/stdout" not in text
