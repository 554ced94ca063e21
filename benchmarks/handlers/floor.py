"""The least that a create-subscription on httpx, pydantic and boto3 can be: the raw calls, one model, nothing else."""

import json
import os
from functools import cache
from typing import Any

import boto3
import httpx
from pydantic import BaseModel


class Request(BaseModel):
    """What is asked for."""

    customerId: str  # noqa: N815 - Stigg's own names
    planId: str  # noqa: N815


class Provisioned(BaseModel):
    """What Stigg answers."""

    id: str
    status: str


dynamodb = boto3.client("dynamodb")
stigg = httpx.Client(base_url=os.environ["STIGG_API_URL"], trust_env=False)
_KEY = {"pk": {"S": "floor"}, "sk": {"S": "floor"}}


@cache
def api_key() -> str:
    """Return the key, read once."""
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["STIGG_SECRET_ID"])
    return str(json.loads(secret["SecretString"])["apiKey"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Make the three calls to DynamoDB and the one to Stigg that create-subscription makes."""
    request, table = Request.model_validate(event), os.environ["MAPPINGS_TABLE"]
    put: Any = {"Put": {"TableName": table, "Item": {**_KEY, "body": {"S": json.dumps(event)}}}}
    dynamodb.batch_get_item(RequestItems={table: {"Keys": [_KEY], "ConsistentRead": True}})
    dynamodb.transact_write_items(TransactItems=[put])
    body = {
        "customerId": request.customerId,
        "planId": request.planId,
        "billingPeriod": "MONTHLY",
        "paymentCollectionMethod": "NONE",
    }
    answer = stigg.post("/api/v1/subscriptions", json=body, headers={"X-API-KEY": api_key()})
    provisioned = Provisioned.model_validate(answer.json()["data"])
    dynamodb.transact_write_items(TransactItems=[put])
    return {"success": True, "status": provisioned.status}
