"""Read `template.yaml` for programs, so that they do not repeat it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from samtranslator.yaml_helper import yaml_parse

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import CreateTableInputTypeDef

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
MAPPINGS = "SubscriptionMappingsTable"
OPERATIONS = "OperationsTable"
BATCHES = "BatchesTable"
WEBHOOKS = "WebhooksTable"
BATCH_QUEUE = "BatchQueue"
WEBHOOK_QUEUE = "WebhookQueue"


@cache
def template() -> dict[str, Any]:
    """Return the template with its short tags (`!Ref x`) expanded to maps (`{"Ref": "x"}`)."""
    return cast("dict[str, Any]", yaml_parse(TEMPLATE.read_text()))


@cache
def functions() -> dict[str, str]:
    """Return the logical id of every action's function: `{"create-customer": "CreateCustomerFunction", ...}`."""
    others = {*consumers().values(), *receivers().values()}
    return {action: logical_id for action, logical_id in _all_functions().items() if logical_id not in others}


@cache
def receivers() -> dict[str, str]:
    """Return the functions behind a route without signatures, which are not called as actions."""
    return {name: logical_id for name, logical_id in _all_functions().items() if _is_open(logical_id)}


def _is_open(logical_id: str) -> bool:
    events = template()["Resources"][logical_id]["Properties"].get("Events", {}).values()
    return any(event["Properties"].get("Auth", {}).get("Authorizer") == "NONE" for event in events)


@cache
def consumers() -> dict[str, str]:
    """Return the functions that AWS invokes from a queue or a stream."""
    sources = _of_type("AWS::Lambda::EventSourceMapping").values()
    fed = {source["Properties"]["FunctionName"]["Ref"] for source in sources}
    return {name: logical_id for name, logical_id in _all_functions().items() if logical_id in fed}


@cache
def _all_functions() -> dict[str, str]:
    made = _of_type("AWS::Serverless::Function")
    return {
        Path(resource["Properties"]["CodeUri"]).name.replace("_", "-"): logical_id
        for logical_id, resource in made.items()
    }


def _of_type(resource_type: str) -> dict[str, Any]:
    return {name: made for name, made in template()["Resources"].items() if made["Type"] == resource_type}


@cache
def routed() -> dict[str, str]:
    """Return the functions that have a route. The others are only invoked directly."""
    events = {name: template()["Resources"][name]["Properties"].get("Events", {}) for name in functions().values()}
    has_route = {name for name, made in events.items() if any(event["Type"] == "Api" for event in made.values())}
    paths = written_routes()
    return {action: name for action, name in functions().items() if name in has_route or f"/{action}" in paths}


@cache
def written_routes() -> dict[str, Any]:
    """Return the routes that the template writes out, by path. A parameter switches them to a snapshot."""
    return cast("dict[str, Any]", template()["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"])


def gateway_responses() -> dict[str, dict[str, Any]]:
    """Return API Gateway's errors in the template: type -> status code and body."""
    return cast("dict[str, dict[str, Any]]", template()["Resources"]["Api"]["Properties"]["GatewayResponses"])


def table_schema(logical_id: str, *, name: str) -> CreateTableInputTypeDef:
    """Return the keys, indexes and billing of a table of the template, for DynamoDB's CreateTable."""
    properties = template()["Resources"][logical_id]["Properties"]
    schema: CreateTableInputTypeDef = {
        "TableName": name,
        "AttributeDefinitions": properties["AttributeDefinitions"],
        "KeySchema": properties["KeySchema"],
        "BillingMode": properties["BillingMode"],
    }
    if "GlobalSecondaryIndexes" in properties:
        schema["GlobalSecondaryIndexes"] = properties["GlobalSecondaryIndexes"]
    return schema
