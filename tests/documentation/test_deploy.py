"""docs/deploy.md and what lies beside it say what the template has."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from console.secrets import FIELDS
from local.stack.template import ROOT, template
from scripts import deployer_policy
from scripts.costs import COMPANIES, DOCUMENT, UNITS, company, parts, rendered, traced
from scripts.monthly_costs import SECONDS_A_MONTH, idle, snapshots, written_back
from scripts.prices import all_prices
from tests.support.expanded import as_list, expanded, of_type
from tests.support.some import some

TEXT = DOCUMENT.read_text()
POLICY = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())


def test_costs() -> None:
    """The table of costs is what the program reckons; `make docs` writes it."""
    assert rendered(TEXT) == TEXT


def test_sum_of_costs() -> None:
    """A subscription's million is the sum of its parts, computed by hand. Its event is traced, too."""
    costs = {name: float(cost) for name, cost in parts(UNITS["create-subscription"]).items()}

    assert costs["DynamoDB"] == pytest.approx(4 * 0.125 + 25 * 0.625)
    assert costs["Lambda"] == pytest.approx(0.2 + 0.5 * 13.3334)
    assert costs["traces"] == pytest.approx(4.19, abs=0.01)
    assert sum(costs.values()) == pytest.approx(3.5 + 16.125 + 6.8667 + 1.0 + 4.19 + 1.8667 + 4.19, abs=0.02)


@pytest.mark.parametrize(("calls_a_second", "share"), [(0.001, 1.0), (1.0, 0.65), (100.0, 0.0595), (10_000.0, 0.0501)])
def test_share_of_traced_calls(calls_a_second: float, share: float) -> None:
    """X-Ray traces every call that is alone in its second, and hardly more than one in twenty of very many."""
    assert float(traced(int(calls_a_second * SECONDS_A_MONTH))) == pytest.approx(share, abs=0.001)


def test_costs_of_a_month() -> None:
    """A stack without calls costs what its resources cost, computed by hand."""
    costs = idle()

    assert costs["alarms"].number == len(
        [one for one in of_type("AWS::CloudWatch::Alarm").values() if "Condition" not in one]
    )
    assert costs["scheduled runs of a second each"].number == 2 * 30 * 24 * 12
    assert costs["requests of Lambda to empty queues"].number == 2 * 5 * 3 * 60 * 24 * 30
    assert float(costs["scheduled runs of a second each"].dollars) == pytest.approx(0.234, abs=0.001)
    assert float(snapshots()["snapshots, a month, called or not"].dollars) == pytest.approx(7.80, abs=0.01)
    assert float(sum(written_back().values())) == pytest.approx(3 * 0.4 + 0.4 + 0.2)


def test_costs_of_a_company() -> None:
    """A company pays for the stack, the metrics of its actions, its calls and their events, computed by hand."""
    costs = company({"update-subscription": 1_000_000})

    assert float(costs["metrics of these actions"]) == pytest.approx((5 + 1 + 2) * 0.3)
    assert costs["the calls"] == sum(parts(UNITS["update-subscription"]).values())
    assert float(costs["events into Salesforce"]) == pytest.approx(2 * (1.8 + 1.0))
    assert float(company({"get-subscription": 1_000_000})["events into Salesforce"]) == 0


@pytest.mark.parametrize("name", COMPANIES)
def test_costs_of_a_company_in_the_guide_to_salesforce(name: str) -> None:
    """The guide has each company's deals, amendments and screens, and what it pays."""
    calls = COMPANIES[name]
    counts = [calls[action] for action in ("provision-opportunity", "update-subscription", "get-subscription")]
    row = " | ".join([name, *(f"{count:,}" for count in counts), f"{sum(company(calls).values()):.2f}"])

    assert f"| {row} |" in (ROOT / "docs" / "salesforce-setup.md").read_text()


def test_prices_are_in_one_place() -> None:
    """What the guide says of prices elsewhere is one of the table, which has a date for each."""
    written = re.sub(r"<!-- ([\w ]+) -->\n.*?<!-- end of \1 -->", "", TEXT, flags=re.DOTALL)
    known = {f"${price.dollars}" for price in all_prices()}

    assert set(some(re.findall(r"\$\d[\d.]*\d", written))) <= known
    assert [price.unit for price in some(all_prices()) if not re.search(r"20\d\d$", price.as_of)] == []


def test_options() -> None:
    """The table of options has every parameter that samconfig.toml may set, but for the environment itself."""
    options = TEXT.split("\n## Options\n")[1].split("\n### ")[0]
    documented = {
        name for row in re.findall(r"^\| (`.+?`) \|", options, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }

    assert documented == template()["Parameters"].keys() - {"Environment"}


def test_fields_of_the_secret() -> None:
    """The table of the secret has every field that the program stores."""
    rows = re.findall(r"^\| `([a-z-]+)` \| `(\w+)` \|", TEXT, re.MULTILINE)

    assert dict(rows) == FIELDS


def test_outputs() -> None:
    """Every output that the guide names is one of the stack's."""
    named = {"ApiUrl", "Region", "SalesforceCallerPolicyArn", "ApiKeyId", "FunctionLogGroupName", "AccessLogGroupName"}

    assert [name for name in named if f"`{name}`" not in TEXT] == []
    assert named <= expanded()["Outputs"].keys()


def allowed() -> set[str]:
    """Return every action that the deployer's two policies allow, on whatever."""
    besides = json.loads(deployer_policy.OF_SALESFORCE.read_text())
    statements = [*POLICY["Statement"], *besides["Statement"]]
    return {action for statement in statements for action in as_list(statement["Action"])}


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_the_aws_cli_is_named(page: Path) -> None:
    """A page that has commands of the AWS CLI says which version they need, and none mixes two outputs."""
    text = " ".join(page.read_text().split())
    has_commands = re.search(r"^ *(call\(\) \{ )?aws [a-z-]+ ", page.read_text(), re.MULTILINE) is not None

    assert has_commands <= (re.search(r"version 2 of the \[?AWS CLI", text) is not None)
    assert "/dev/stdout" not in text


def test_the_policy_is_the_generated_one() -> None:
    """docs/deployer-policy.json is what the program writes; `make docs` does."""
    assert deployer_policy.DOCUMENT.read_text() == deployer_policy.rendered()
    assert deployer_policy.OF_SALESFORCE.read_text() == deployer_policy.rendered_for_salesforce()


def test_who_deploys_may_do_what_cloudformation_does() -> None:
    """Every permission of the handlers of the template's types, as AWS publishes them, is allowed or left out."""
    missing = {one for one in deployer_policy.needed() if not deployer_policy.left_out(one)} - allowed()

    assert missing == set()
    assert len(deployer_policy.needed()) > 150


@pytest.mark.parametrize(
    "action",
    [
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:ListEntitiesForPolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
        "iam:PutRolePermissionsBoundary",
        "lambda:PublishVersion",
        "lambda:CreateAlias",
    ],
)
def test_what_was_missing(action: str) -> None:
    """The policy has the actions by which CloudFormation reads and changes roles, policies and versions."""
    assert action in allowed()


def test_reasons_are_used() -> None:
    """Every reason to leave something out, and every action on all resources, is about something that is there."""
    needed = deployer_policy.needed()
    of_the_guide = {"lambda:GetAccountSettings"}
    of_the_log = {one for one in deployer_policy.ANYWHERE if one.startswith("logs:")}

    for pattern in some((*deployer_policy.LEFT_OUT, *deployer_policy.NOT_CHANGED)):
        assert [one for one in needed if fnmatchcase(one, pattern)], pattern
    assert deployer_policy.ANYWHERE.keys() - needed <= of_the_guide | of_the_log


def test_the_policy_is_as_narrow_as_names_allow() -> None:
    """Items of tables are out of reach, all but one statement name their resources, and IAM takes so long a policy."""
    everywhere = [statement["Sid"] for statement in POLICY["Statement"] if "*" in as_list(statement["Resource"])]

    assert everywhere == ["Anywhere"]
    assert [one for one in allowed() if "*" in one] == ["s3:*"]
    assert [one for one in allowed() if re.fullmatch(r"dynamodb:(.*Item|Query|Scan)", one)] == []
    assert len("".join(deployer_policy.DOCUMENT.read_text().split())) <= 6_144


def test_other_partitions() -> None:
    """The program prints the same policy for China and GovCloud."""
    text = deployer_policy.rendered("aws-cn")

    assert "arn:aws:" not in text
    assert text.replace("arn:aws-cn:", "arn:aws:") == deployer_policy.rendered()
