"""The same create-subscription on the official Stigg SDK, with what Powertools offers of what the action does besides.

Powertools validates the request, answers a repeat from its own record, keeps the secret, logs and counts. No lease, no
search for what a lost call did: neither is offered.
"""

import json
import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent
from aws_lambda_powertools.utilities.parser import BaseModel, event_parser
from aws_lambda_powertools.utilities.typing import LambdaContext
from stigg import Stigg


class Request(BaseModel):
    """What is asked for."""

    customerId: str  # noqa: N815 - Stigg's own names
    planId: str  # noqa: N815
    billingPeriod: str  # noqa: N815
    paymentCollectionMethod: str  # noqa: N815


TABLE = os.environ["MAPPINGS_TABLE"]
logger = Logger(service="benchmark")
metrics = Metrics(namespace="benchmark", service="benchmark")
dynamodb = boto3.client("dynamodb")
persistence = DynamoDBPersistenceLayer(table_name=TABLE, key_attr="pk", sort_key_attr="sk")


@cache
def stigg() -> Stigg:
    """Return the client, made once."""
    secret: Any = parameters.get_secret(os.environ["STIGG_SECRET_ID"], transform="json", max_age=300)
    return Stigg(api_key=secret["apiKey"], base_url=os.environ["STIGG_API_URL"])


@logger.inject_lambda_context
@metrics.log_metrics
@idempotent(persistence_store=persistence, config=IdempotencyConfig(event_key_jmespath="@"))
@event_parser(model=Request)
def handler(event: Request, _context: LambdaContext) -> dict[str, Any]:
    """Provision and store the mapping, once for the same request."""
    provisioned = stigg().v1.subscriptions.provision(
        customer_id=event.customerId,
        plan_id=event.planId,
        billing_period="MONTHLY",
        payment_collection_method="NONE",
    )
    item = {"pk": {"S": "sdk"}, "sk": {"S": event.customerId}, "body": {"S": json.dumps(event.model_dump())}}
    dynamodb.put_item(TableName=TABLE, Item=item)
    metrics.add_metric(name="Calls", unit=MetricUnit.Count, value=1)
    logger.info("provisioned", extra={"status": provisioned.data.status})
    return {"success": True, "status": provisioned.data.status}
