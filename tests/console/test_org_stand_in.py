"""The org and the CLI that the set-up is tested with refuse what Salesforce refuses."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local.salesforce_org.administration import deployments
from local.salesforce_org.administration.cli import TOKEN
from local.salesforce_org.administration.interface import PRINCIPAL
from local.salesforce_org.rest.answers import Request
from local.stack.template import ROOT
from tests.support.org_setup import OrgToSetUp, org_to_set_up

DATA = "/services/data/v64.0"
CREDENTIAL = f"{DATA}/named-credentials/credential"
FLOW = f"{DATA}/actions/custom/flow/Stigg_Check_Connection"
SETTINGS = f"{DATA}/sobjects/Stigg_Settings__c"
KEY = {
    "awsAccessKeyId": {"value": "AKIA", "encrypted": False},
    "awsSecretAccessKey": {"value": "secret", "encrypted": True},
}
BODY = {**PRINCIPAL, "authenticationProtocol": "AwsSv4", "credentials": KEY}
VARIABLES = {"STIGG_ACTIONS_URL": "https://x.example/v1", "STIGG_ACTIONS_REGION": "us-east-1"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[OrgToSetUp]:
    """An org with the project."""
    with org_to_set_up(tmp_path) as world:
        deployments.deploy_project(world.administration, ROOT / "salesforce", VARIABLES, dry_run=False)
        yield world


def send(
    world: OrgToSetUp, method: str, path: str, body: Mapping[str, Any] | None = None, **query: str
) -> tuple[int, str]:
    """Send a request with a valid token; return status, and the code of an error."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    answer = world.rest.answer(Request(method, path, headers, json.dumps(body or {}).encode(), query=query))
    return answer.status, answer.content[0]["errorCode"] if answer.status >= 400 else ""


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"principalName": "Other"}, "NOT_FOUND"),
        ({"authenticationProtocol": "Custom"}, "INVALID_INPUT"),
        ({"credentials": {"awsSecretAccessKey": {"value": "secret", "encrypted": False}}}, "INVALID_INPUT"),
        ({"credentials": {"accessKey": {"value": "AKIA", "encrypted": False}}}, "INVALID_INPUT"),
        ({"parameters": []}, "JSON_PARSER_ERROR"),
    ],
)
def test_credentials_of_another_shape(world: OrgToSetUp, changed: dict[str, Any], code: str) -> None:
    """A credential for another principal or protocol, with other names or encryption, is refused."""
    assert send(world, "POST", CREDENTIAL, {**BODY, **changed})[1] == code
    assert world.administration.credential == {}


def test_credentials_are_created_once(world: OrgToSetUp) -> None:
    """POST creates, PUT replaces, and neither does the other's work."""
    assert send(world, "PUT", CREDENTIAL, BODY) == (404, "NOT_FOUND")
    assert send(world, "POST", CREDENTIAL, BODY) == (201, "")
    assert send(world, "POST", CREDENTIAL, BODY) == (400, "INVALID_INPUT")
    assert send(world, "PUT", CREDENTIAL, BODY) == (200, "")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM User", "MALFORMED_QUERY"),
        ("SELECT Id FROM User WHERE Username = admin", "MALFORMED_QUERY"),
        ("SELECT Id, Email FROM User WHERE IsActive = true", "INVALID_FIELD"),
        ("SELECT Id FROM Users WHERE IsActive = true", "INVALID_TYPE"),
    ],
)
def test_wrong_queries(world: OrgToSetUp, query: str, code: str) -> None:
    """A query of another shape, or for what the org does not have, is refused."""
    assert send(world, "GET", f"{DATA}/query", q=query) == (400, code)


def test_quotes_in_queries(world: OrgToSetUp) -> None:
    """A quote in a value is escaped."""
    world.administration.users["o'neil@seller.example"] = "005000000000008AAA"
    headers = {"authorization": f"Bearer {TOKEN}"}
    query = {"q": r"SELECT Id FROM User WHERE Username IN ('o\'neil@seller.example', 'x')"}
    answer = world.rest.answer(Request("GET", f"{DATA}/query", headers, query=query))

    assert answer.content["records"] == [{"attributes": {"type": "User"}, "Id": "005000000000008AAA"}]


def test_wrong_records(world: OrgToSetUp) -> None:
    """Assignments and settings with other fields, owners or values are refused, and none is made twice."""
    assignment = {"AssigneeId": world.administration.org.user, "PermissionSetId": "0PS000000000001AAA"}
    own = {"SetupOwnerId": "00D000000000001EAA", "Currency__c": "USD"}

    assert send(world, "POST", f"{DATA}/sobjects/PermissionSetAssignment", {"AssigneeId": "005"})[0] == 400
    assert send(world, "POST", f"{DATA}/sobjects/PermissionSetAssignment", assignment) == (201, "")
    assert send(world, "POST", f"{DATA}/sobjects/PermissionSetAssignment", assignment) == (400, "DUPLICATE_VALUE")
    assert send(world, "POST", SETTINGS, {**own, "Currency__c": "DOLLAR"}) == (400, "STRING_TOO_LONG")
    assert send(world, "POST", SETTINGS, {**own, "Other__c": "x"}) == (400, "INVALID_FIELD")
    assert send(world, "POST", SETTINGS, own) == (201, "")
    assert send(world, "POST", SETTINGS, own) == (400, "DUPLICATE_VALUE")


def test_flows(world: OrgToSetUp) -> None:
    """A Flow runs by its name if it is active, with the inputs that it has."""
    assert send(world, "POST", FLOW, {"inputs": [{"planIds": "x"}]}) == (400, "INVALID_INPUT")
    assert send(world, "POST", f"{FLOW}s", {"inputs": [{}]}) == (404, "NOT_FOUND")
    assert send(world, "POST", FLOW, {"inputs": [{}]}) == (200, "")
    world.administration.inactive.add("Stigg_Check_Connection")
    assert send(world, "POST", FLOW, {"inputs": [{}]}) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (">Name<", ">Stigg_Nothing__c<", "no such field"),
        (">Required<", ">Hidden<", "behavior Hidden"),
        (">TwoColumnsTopToBottom<", ">TwoColumns<", "style TwoColumns"),
        ("    <relatedLists>", "    <layoutSections/><relatedLists/><layoutSections/><relatedLists>", "stand together"),
    ],
)
def test_wrong_layouts(world: OrgToSetUp, tmp_path: Path, old: str, new: str, problem: str) -> None:
    """A layout with unknown fields or values, or with scattered elements, is refused."""
    name = "Account-Account Layout"
    deployments.retrieve_layouts(world.administration, [name], tmp_path / "package")
    (file,) = tmp_path.rglob("*.layout")
    file.write_text(file.read_text().replace(old, new, 1))
    manifest = file.parents[1] / "package.xml"
    manifest.write_text(
        manifest.read_text().replace("<Package>", '<Package xmlns="http://soap.sforce.com/2006/04/metadata">')
    )
    result = deployments.deploy_layouts(world.administration, file.parents[1])

    assert (result["success"], problem in result["details"]["componentFailures"][0]["problem"]) == (False, True)


def test_commands(world: OrgToSetUp) -> None:
    """The CLI wants its variables for a deployment, knows its own org only, and no other commands."""
    folder, org = ROOT / "salesforce", ("--target-org", "stigg-sandbox", "--json")

    assert world.cli.answer(["project", "deploy", "start", *org], folder, {})[0] == 1
    assert world.cli.answer(["org", "display", "--target-org", "x", "--json"], folder, {})[1]["name"].startswith(
        "NamedOrg"
    )
    assert world.cli.answer(["org", "dance", *org], folder, {})[0] == 127
