"""The local stack for the story: send events, read the contents of Stigg and DynamoDB, and cause events in Stigg."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer

from local.demo.callers import Answer, invoke, post
from local.demo.holdings import Holdings, holdings
from local.demo.salesforce import Salesforce, connected_org
from local.events import Event
from local.stack import Endpoints, LocalStack, local_stack
from local.stigg_emulator.hosting import Emulator

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LONGEST_SECONDS, LOOK_EVERY_SECONDS = 30, 0.2
_read = TypeDeserializer().deserialize


class Stage:
    """A running stack. ``watch`` receives the progress of a batch, as ``get-batch`` returns it."""

    def __init__(self, stack: LocalStack, dynamodb: "DynamoDBClient", salesforce: Salesforce) -> None:
        self._stack = stack
        self._dynamodb = dynamodb
        self.salesforce = salesforce
        self.watch: Callable[[Mapping[str, Any]], object] = dict

    @property
    def stigg(self) -> Emulator:
        """The stand-in for Stigg, with which the story causes payments, invoices and the passing of time."""
        return self._stack.stigg

    @property
    def endpoints(self) -> Endpoints:
        """The addresses of the stack, with the keys of its caller."""
        return self._stack.endpoints

    def send(self, event: Event) -> Answer:
        """Send an event in the way that its file's name states."""
        if event.caller == "direct":
            return invoke(self._stack, event.action, event.body)
        correlation_id = event.content["headers"].get("X-Correlation-Id")
        return post(self._stack.endpoints, event.action, event.body, correlation_id)

    def call(self, action: str, request: Mapping[str, Any]) -> Answer:
        """Call an action with any request, as a Flow does."""
        return post(self._stack.endpoints, action, json.dumps(request), None)

    def holdings(self) -> Holdings:
        """Return the present contents of Stigg, DynamoDB and the Salesforce org."""
        outputs = self._stack.deployment.outputs
        mappings = self._items(outputs["SubscriptionMappingsTableName"])
        operations = self._items(outputs["OperationsTableName"])
        webhooks = self._items(outputs["WebhooksTableName"])
        return holdings(self.stigg.state(), mappings, operations, webhooks, self.salesforce.holdings())

    def followed(self, happens: Callable[["Stage"], object]) -> None:
        """Cause an event in Stigg with its webhooks, and wait until all of them are handled.

        Raises:
            TimeoutError: the webhooks were not handled in half a minute.
        """
        table = self._stack.deployment.outputs["WebhooksTableName"]
        handled, sent = len(self._items(table)), len(self.stigg.state()["events"])
        self.stigg.webhooks(self._stack.endpoints.webhooks)
        happens(self)
        self.stigg.flush_webhooks()
        self.stigg.webhooks(None)
        expected, until = handled + len(self.stigg.state()["events"]) - sent, time.monotonic() + LONGEST_SECONDS
        while len(self._items(table)) < expected:
            if time.monotonic() > until:
                raise TimeoutError("The webhooks were not handled.")
            time.sleep(LOOK_EVERY_SECONDS)

    def live_subscription(self, plan_id: str) -> str:
        """Return the id of the active subscription to a plan."""
        return next(
            str(subscription["id"])
            for subscription in self.stigg.state()["subscriptions"]
            if (subscription["planId"], subscription["status"]) == (plan_id, "ACTIVE")
        )

    def _items(self, table: str) -> list[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [{name: _read(value) for name, value in item.items()} for page in pages for item in page["Items"]]


@contextmanager
def running_stage() -> Iterator[Stage]:
    """Build, start and deploy the local stack on free ports; stop it when the block ends."""
    with local_stack() as stack, stage_of(stack) as stage:
        yield stage


@contextmanager
def stage_of(stack: LocalStack) -> Iterator[Stage]:
    """Give the stage that a running stack is, with a Salesforce org beside it until the block ends."""
    with connected_org(stack) as salesforce:
        yield Stage(stack, boto3.client("dynamodb", **stack.ministack.client_settings()), salesforce)
