"""The same create-subscription as most would write it: the official Stigg SDK, boto3, Powertools' logger."""

import json
import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from stigg import Stigg

dynamodb = boto3.client("dynamodb")
logger = Logger(service="benchmark")
_KEY = {"pk": {"S": "sdk"}, "sk": {"S": "sdk"}}


@cache
def stigg() -> Stigg:
    """Return the client, made once."""
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["STIGG_SECRET_ID"])
    return Stigg(api_key=json.loads(secret["SecretString"])["apiKey"], base_url=os.environ["STIGG_API_URL"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Make the three calls to DynamoDB and the one to Stigg that create-subscription makes."""
    table = os.environ["MAPPINGS_TABLE"]
    put: Any = {"Put": {"TableName": table, "Item": {**_KEY, "body": {"S": json.dumps(event)}}}}
    dynamodb.batch_get_item(RequestItems={table: {"Keys": [_KEY], "ConsistentRead": True}})
    dynamodb.transact_write_items(TransactItems=[put])
    provisioned = stigg().v1.subscriptions.provision(
        customer_id=event["customerId"],
        plan_id=event["planId"],
        billing_period="MONTHLY",
        payment_collection_method="NONE",
    )
    dynamodb.transact_write_items(TransactItems=[put])
    logger.info("provisioned", extra={"status": provisioned.data.status})
    return {"success": True, "status": provisioned.data.status}
