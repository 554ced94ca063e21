"""Expand SAM's short forms in the template offline, as CloudFormation receives it.

`python -m local.stack.expansion` prints it with every condition decided, for checkers that cannot decide conditions. It
assumes a KMS key of the account.
"""

import copy
import json
from functools import cache
from typing import Any, cast

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local.stack.template import template

NO_VALUE = {"Ref": "AWS::NoValue"}
SOME_KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"


@cache
def expanded(**parameters: str) -> dict[str, Any]:
    """Return the template with plain CloudFormation resources, deployed with these parameters."""
    source = copy.deepcopy(template())
    for resource in source["Resources"].values():
        for place in ("CodeUri", "ContentUri"):
            if place in resource["Properties"]:
                # What `sam deploy` uploads: the translator takes no local folder.
                resource["Properties"][place] = f"s3://artifacts/{resource['Properties'][place]}"
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    return cast("dict[str, Any]", translator.translate(source, {"Environment": "development", **parameters}))


def chosen(value: Any, conditions: set[str]) -> Any:  # noqa: ANN401 - any part of a template
    """Return a part of the template with every `Fn::If` decided. Only these conditions hold."""
    if isinstance(value, dict) and set(value) == {"Fn::If"}:
        condition, yes, no = value["Fn::If"]
        return chosen(yes if condition in conditions else no, conditions)
    if isinstance(value, dict):
        return {name: made for name, part in value.items() if (made := chosen(part, conditions)) != NO_VALUE}
    if isinstance(value, list):
        return [made for part in value if (made := chosen(part, conditions)) != NO_VALUE]
    return value


def decided() -> dict[str, Any]:
    """Return the expanded template with a KMS key and every `Fn::If` decided."""
    whole = copy.deepcopy(expanded())
    whole["Parameters"]["KmsKeyArn"]["Default"] = SOME_KEY  # a checker looks up what a parameter is without a value
    return {**whole, "Resources": chosen(whole["Resources"], {"HasOwnKey"})}


if __name__ == "__main__":
    print(json.dumps(decided(), indent=1))
