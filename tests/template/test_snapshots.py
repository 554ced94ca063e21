"""SnapStart, switched on and off: where the routes lead, what a version is made of, and that both are valid."""

import json
import re
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from local.stack.template import routed, template, written_routes
from tests.support.expanded import chosen, expanded

ON = {"SnapStart": "on", "Release": "release-1"}
ACTIONS = {"preview-subscription": "PreviewSubscription", "provision-opportunity": "ProvisionOpportunity"}
OF_THE_SOURCE_ALONE = {"E3005", "W1020", "W2001", "W3002"}
"""Rules for templates that people write; the expanded one is written by SAM."""


def resources(*conditions: str) -> dict[str, Any]:
    """Return the properties of the expanded resources that there are when these conditions hold."""
    made = expanded(**(ON if "SnapStarts" in conditions else {}))["Resources"]
    return {
        name: chosen(one["Properties"], set(conditions))
        for name, one in made.items()
        if one.get("Condition") in {None, *conditions}
    }


def called(made: dict[str, Any], action: str) -> Any:  # noqa: ANN401 - any part of a template
    """Return what the route of an action calls: what is in its address beside the fixed text."""
    uri = made["Api"]["Body"]["paths"][f"/{action}"]["post"]["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
    return uri if isinstance(uri, str) else uri[1]["Arn"]


def test_which_actions() -> None:
    """The switch is for the actions that people wait for."""
    assert {path.removeprefix("/") for path in written_routes()} == set(ACTIONS)
    assert set(ACTIONS) <= set(routed())


@pytest.mark.parametrize(("action", "name"), ACTIONS.items())
def test_off(action: str, name: str) -> None:
    """Off, which it is unless asked for, there is no version and no alias: the route calls the function itself."""
    made = resources()

    assert template()["Parameters"]["SnapStart"]["Default"] == "off"
    assert made[f"{name}Function"]["SnapStart"] == {"ApplyOn": "None"}
    assert called(made, action) == {"Fn::GetAtt": [f"{name}Function", "Arn"]}
    assert made[f"{name}FunctionApiPermissionv1"]["FunctionName"] == {"Ref": f"{name}Function"}
    assert not {f"{name}Version", f"{name}Alias"} & made.keys()


@pytest.mark.parametrize(("action", "name"), ACTIONS.items())
def test_on(action: str, name: str) -> None:
    """On, the route calls the alias of the version that has the snapshot, and API Gateway may invoke that alias."""
    made = resources("SnapStarts")
    version, alias = made[f"{name}Version"], made[f"{name}Alias"]

    assert made[f"{name}Function"]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert version["FunctionName"] == alias["FunctionName"] == {"Ref": f"{name}Function"}
    assert alias["FunctionVersion"] == {"Fn::GetAtt": [f"{name}Version", "Version"]}
    assert called(made, action) == {"Ref": f"{name}Alias"}
    permission = made[f"{name}FunctionApiPermissionv1"]
    assert permission["FunctionName"] == {"Ref": f"{name}Alias"}
    assert permission["SourceArn"]["Fn::Sub"].endswith("${Api}/v1/POST/" + action)


@pytest.mark.parametrize("name", ACTIONS.values())
def test_a_release_makes_another_version(name: str) -> None:
    """A version is replaced when the release or a layer changes; the function changes with it, or Lambda makes none."""
    made = resources("SnapStarts")

    text = made[f"{name}Version"]["Description"]["Fn::Sub"]

    assert re.fullmatch(r"\$\{Release\} \$\{SharedLayer\w*\} \$\{DependenciesLayer\w*\}", text)
    assert made[f"{name}Function"]["Environment"]["Variables"]["RELEASE"] == {"Ref": "Release"}
    assert "DeletionPolicy" not in expanded(**ON)["Resources"][f"{name}Version"]  # an old one would go on costing


def test_the_text_of_a_version_fits() -> None:
    """The longest release and the longest names of both layers fit into the 256 characters of a description."""
    arn = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:layer:{}:99999"
    text = f"{'r' * 40} {arn.format('s' * 27 + '-shared')} {arn.format('s' * 27 + '-dependencies')}"

    assert len(text) <= 256


def test_snapshots_need_a_release() -> None:
    """CloudFormation refuses snapshots without the name of a release, before it changes anything."""
    rule = template()["Rules"]["SnapshotsAreOfARelease"]

    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "SnapStart"}, "on"]}
    assert [one["Assert"] for one in rule["Assertions"]] == [{"Fn::Not": [{"Fn::Equals": [{"Ref": "Release"}, ""]}]}]


def test_what_cloudformation_gets_is_valid() -> None:
    """cfn-lint finds nothing wrong with the expanded template with the switch on; `make lint` checks it off."""
    config = ManualArgs(regions=["us-east-1"])
    found = lint(json.dumps(expanded(**ON)), config=config)

    assert [(one.rule.id, one.message) for one in found if one.rule.id not in OF_THE_SOURCE_ALONE] == []


def test_a_domain_needs_a_certificate() -> None:
    """CloudFormation refuses a domain without a certificate; with both, callers get its URL."""
    rule, made = template()["Rules"]["DomainsHaveCertificates"], expanded()
    url = made["Outputs"]["ApiUrl"]["Value"]["Fn::If"]

    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ApiDomainName"}, ""]}]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ApiCertificateArn"}, ""]}]}
    assert url[:2] == ["HasDomain", {"Fn::Sub": "https://${ApiDomainName}/v1"}]
    assert made["Resources"]["ApiDomainPath"]["Properties"]["BasePath"] == "v1"
