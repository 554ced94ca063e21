"""The template as CloudFormation gets it: SAM's short forms expanded, offline."""

import copy
from functools import cache
from typing import Any, cast

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local.stack.template import template


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
