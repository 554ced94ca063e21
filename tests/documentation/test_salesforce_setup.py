"""The guides to Salesforce name what is really in salesforce/."""

import re

import pytest

from local.stack.template import ROOT
from scripts.openapi.reading import Document
from scripts.salesforce_checks.flows import Flow
from scripts.salesforce_checks.metadata import text
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.service import Service

SETUP, SELLING = ((ROOT / "docs" / f"salesforce-{part}.md").read_text() for part in ("setup", "selling"))
GUIDE = SETUP + SELLING
PROJECT = Project(ROOT / "salesforce", Service(Document((ROOT / "docs" / "openapi.json").read_text())))


@pytest.mark.parametrize("flow", PROJECT.flows, ids=lambda flow: flow.name)
def test_flows(flow: Flow) -> None:
    """The guide's table has a row for every flow, with the actions that it calls."""
    (row,) = re.findall(rf"^\|[^|]*`{flow.name}`[^|]*\|[^|]+\|([^|]+)\|", GUIDE, re.MULTILINE)
    called = sorted({text(call, "actionName").partition(".")[2] for call in flow.calls})

    assert sorted(re.findall(r"`(\w+)`", row)) == called


def test_settings() -> None:
    """The guide explains every setting, by its label and its name."""
    settings = [one for name, one in PROJECT.named("CustomField").items() if name.partition(".")[0] in PROJECT.settings]
    named = [f"{text(one.root, 'label')} (`{text(one.root, 'fullName')}`)" for one in settings]

    assert [name for name in named if name not in GUIDE] == []


def test_fields_that_are_entered() -> None:
    """The fields that the guide names in italics are in the project."""
    labels = {text(one.root, "label") for one in PROJECT.of("CustomField")}
    others = {"Stigg Actions", "Stigg Actions - Service", "Stigg Event", "Stigg Settings"}
    others |= {text(one.root, "label") for one in PROJECT.of("PermissionSet")}
    named = {" ".join(name.split()) for name in re.findall(r"(?<!\*)\*(Stigg [A-Z][^*:]+)\*(?!\*)", GUIDE)}

    assert named - labels - others == set()


def test_permission_sets() -> None:
    """The guide names every permission set."""
    labels = [text(one.root, "label") for one in PROJECT.of("PermissionSet")]

    assert [label for label in labels if f"*{label}*" not in GUIDE] == []


def test_number_of_flows() -> None:
    """The guide and the README say how many flows a deployment brings."""
    assert len(PROJECT.flows) == 29
    assert "twenty-nine active Flows" in GUIDE
    assert "twenty-nine Flows" in (ROOT / "README.md").read_text()


def test_who_does_a_step() -> None:
    """Each step of the set-up says whether it is done in Salesforce or with AWS credentials."""
    items = re.findall(r"^\d\. (.*)", SETUP, re.MULTILINE)
    chapters = re.findall(r"^### 3\.\d .*\n\n(.*)", SETUP, re.MULTILINE)

    assert len(items) > len(chapters) == 9
    assert [step for step in [*items, *chapters] if not re.match(r"\*\((admin|AWS)\)\* ", step)] == []


def test_product_types() -> None:
    """The guide's table of Stigg Types has every value of the picklist, by its label."""
    field = PROJECT.named("CustomField")["Product2.Stigg_Type__c"].root
    labels = [text(value, "label") for value in field.iter("value")]

    assert [label for label in labels if f"| {label} |" not in GUIDE] == []


@pytest.mark.parametrize(
    "field",
    [
        "OpportunityLineItem.Stigg_Status__c",
        "Opportunity.Stigg_Status__c",
        "Contract.Stigg_Status__c",
        "Account.Stigg_Link__c",
        "Contract.Stigg_Notification__c",
    ],
)
def test_statuses(field: str) -> None:
    """The guide has exactly the values of each picklist, in their order, with a meaning and what to do."""
    root = PROJECT.named("CustomField")[field].root
    rows = re.findall(rf"^\| {text(root, 'label')} \| ([^|]+) \| [^|]+ \| [^|]+ \|$", GUIDE, re.MULTILINE)

    assert rows == [text(value, "label") for value in root.iter("value")]


def statuses_of_answers() -> set[str]:
    """The statuses that the answers bring which a Flow writes to a status."""
    found: set[str] = set()
    for flow in PROJECT.flows:
        called = {text(call, "name"): text(call, "actionName").partition(".")[2] for call in flow.calls}
        for _, _, value in flow.writes:
            call, _, output = text(value, "elementReference").partition(".")
            if output == "200.status":
                schema = PROJECT.service.outputs(called[call])["200"].of
                described = PROJECT.service.document.named[schema]["properties"]["status"]["description"]
                found |= set(re.findall(r"[A-Z_]{4,}", described))
    return found


def test_statuses_that_are_written() -> None:
    """A status has just the values that Flows write: their own, and those of the answers."""
    flows = PROJECT.flows
    own = {
        text(value, "stringValue") for flow in flows for _, field, value in flow.writes if field == "Stigg_Status__c"
    }
    formulas = {
        expression for flow in flows for name, expression in flow.formulas if name in {"LineStatus", "NextStatus"}
    }
    own |= {status for expression in formulas for status in re.findall(r'"([A-Z_]+)"', expression)}
    root = PROJECT.named("CustomField")["OpportunityLineItem.Stigg_Status__c"].root

    assert {text(value, "fullName") for value in root.iter("value")} == (own - {""}) | statuses_of_answers()


def test_views_and_reports() -> None:
    """The guide names every list view, report and dashboard."""
    views = {text(view.root, "label") for view in PROJECT.of("ListView")}
    reports = {text(report.root, "name") for report in PROJECT.of("Report")}
    dashboards = {text(dashboard.root, "title") for dashboard in PROJECT.of("Dashboard")}
    words = " ".join(GUIDE.split())

    assert [name for name in sorted(views | reports | dashboards) if f"*{name}*" not in words] == []


def test_environment_variables() -> None:
    """The guide has a deployment set every variable that takes the place of a placeholder."""
    variables = [replacement["replaceWithEnv"] for replacement in PROJECT.configuration["replacements"]]

    assert [name for name in variables if f"export {name}=" not in GUIDE] == []
