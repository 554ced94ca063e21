"""What `template.yaml` says, for programs that must not say it a second time."""

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
    """The template as written, its short tags (`!Ref x`) expanded to maps (`{"Ref": "x"}`)."""
    return cast("dict[str, Any]", yaml_parse(TEMPLATE.read_text()))


@cache
def functions() -> dict[str, str]:
    """The logical id of every action's function: `{"create-customer": "CreateCustomerFunction", ...}`."""
    others = {*consumers().values(), *receivers().values()}
    return {action: logical_id for action, logical_id in _all_functions().items() if logical_id not in others}


@cache
def receivers() -> dict[str, str]:
    """The functions behind a route that asks for no signature: what comes there is no call of an action."""
    return {name: logical_id for name, logical_id in _all_functions().items() if _is_open(logical_id)}


def _is_open(logical_id: str) -> bool:
    events = template()["Resources"][logical_id]["Properties"].get("Events", {}).values()
    return any(event["Properties"].get("Auth", {}).get("Authorizer") == "NONE" for event in events)


@cache
def consumers() -> dict[str, str]:
    """The functions that no caller invokes: AWS feeds them from a queue or a stream."""
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
    """The functions that have a route; the others are invoked directly alone."""
    events = {name: template()["Resources"][name]["Properties"].get("Events", {}) for name in functions().values()}
    has_route = {name for name, made in events.items() if any(event["Type"] == "Api" for event in made.values())}
    paths = written_routes()
    return {action: name for action, name in functions().items() if name in has_route or f"/{action}" in paths}


@cache
def written_routes() -> dict[str, Any]:
    """The routes that the template writes out itself, by path: those that a parameter switches to a snapshot."""
    return cast("dict[str, Any]", template()["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"])


def gateway_responses() -> dict[str, dict[str, Any]]:
    """API Gateway's own errors as the template words them: type -> status code and body."""
    return cast("dict[str, dict[str, Any]]", template()["Resources"]["Api"]["Properties"]["GatewayResponses"])


def table_schema(logical_id: str, *, name: str) -> CreateTableInputTypeDef:
    """The keys, indexes and billing of one table of the template, as DynamoDB's CreateTable takes them."""
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
