"""The template as CloudFormation gets it: SAM's short forms expanded, offline."""

import copy
from functools import cache
from typing import Any, cast

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local.stack.template import template

type Resources = dict[str, dict[str, Any]]
NO_VALUE = {"Ref": "AWS::NoValue"}


@cache
def expanded(**parameters: str) -> dict[str, Any]:
    """The template with plain CloudFormation resources only, deployed with these parameters."""
    source = copy.deepcopy(template())
    for resource in source["Resources"].values():
        for place in ("CodeUri", "ContentUri"):
            if place in resource["Properties"]:
                # What `sam deploy` uploads: the translator takes no local folder.
                resource["Properties"][place] = f"s3://artifacts/{resource['Properties'][place]}"
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    return cast("dict[str, Any]", translator.translate(source, {"Environment": "development", **parameters}))


def of_type(resource_type: str) -> Resources:
    """The expanded resources of one type, by logical id."""
    return {name: made for name, made in expanded()["Resources"].items() if made["Type"] == resource_type}


def properties(logical_id: str) -> dict[str, Any]:
    """One expanded resource's properties."""
    return cast("dict[str, Any]", expanded()["Resources"][logical_id]["Properties"])


def role_statements(function: str, *conditions: str) -> list[dict[str, Any]]:
    """Every policy statement of ours that a function's role carries, inline or attached (AWS's own policies apart).

    Of the template's conditions those named hold, and no others.
    """
    role = properties(properties(function)["Role"]["Fn::GetAtt"][0])
    attached = [properties(policy["Ref"]) for policy in role["ManagedPolicyArns"] if isinstance(policy, dict)]
    written = [
        statement for policy in [*role["Policies"], *attached] for statement in policy["PolicyDocument"]["Statement"]
    ]
    return cast("list[dict[str, Any]]", chosen(written, set(conditions)))


def chosen(value: Any, conditions: set[str]) -> Any:  # noqa: ANN401 - any part of a template
    """Return a part of the template with every `Fn::If` decided; these conditions hold, and no others."""
    if isinstance(value, dict) and set(value) == {"Fn::If"}:
        condition, yes, no = value["Fn::If"]
        return chosen(yes if condition in conditions else no, conditions)
    if isinstance(value, dict):
        return {name: made for name, one in value.items() if (made := chosen(one, conditions)) != NO_VALUE}
    if isinstance(value, list):
        return [made for one in value if (made := chosen(one, conditions)) != NO_VALUE]
    return value


def as_list(value: object) -> list[Any]:
    """What CloudFormation takes as one value or several, as several."""
    return value if isinstance(value, list) else [value]


def rights(function: str, table: str) -> set[str]:
    """What a function's role may do with a table of the template."""
    arn = {"Fn::GetAtt": [table, "Arn"]}
    return {
        action.removeprefix("dynamodb:")
        for statement in role_statements(function)
        if arn in as_list(statement["Resource"]) or _is_index(statement["Resource"], table)
        for action in as_list(statement["Action"])
    }


def _is_index(resource: object, table: str) -> bool:
    return all("${" + table + ".Arn}/index/" in str(one) for one in as_list(resource))
