"""The template as CloudFormation gets it, and what the tests ask of it."""

from typing import Any, cast

from local.stack.expansion import chosen, expanded

__all__ = ["as_list", "chosen", "expanded", "of_type", "properties", "role_statements"]

type Resources = dict[str, dict[str, Any]]


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


def as_list(value: object) -> list[Any]:
    """What CloudFormation takes as one value or several, as several."""
    return value if isinstance(value, list) else [value]
