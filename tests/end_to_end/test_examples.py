"""The examples of other AWS services as callers, deployed beside the actions and run."""

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local.stack import LocalStack
from local.stack.deployment import ARTIFACTS, STACK_NAME
from local.stack.sam import deploy
from local.stack.template import ROOT
from tests.support.calls import invoke
from tests.support.requests import LINE, subscription

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

PARTNER = "aws.partner/salesforce.com/00D000000000001EAA/0YL000000000001AAA"
NAME_OF_ALL_ERRORS = "Runtime.HandlerError"
"""What ministack calls every raised error; on AWS it is the class, as the state machine says."""
LONGEST_SECONDS = 20
NOTHING_SOLD = "00k000000000009AAA"


@pytest.fixture(scope="module")
def callers(stack: LocalStack) -> Iterator[dict[str, str]]:
    """The stack of the examples; its outputs."""
    settings = stack.ministack.client_settings()
    events = boto3.client("events", **settings)
    events.create_partner_event_source(Name=PARTNER, Account="000000000000")
    events.create_event_bus(Name=PARTNER, EventSourceName=PARTNER)
    template = ROOT / "examples" / "template.yaml"
    parameters = {"ActionsStack": STACK_NAME, "SalesforceEventBus": PARTNER}
    deploy(stack.ministack, template, stack_name="callers", bucket=ARTIFACTS, parameters=parameters)
    cloudformation = boto3.client("cloudformation", **settings)
    (made,) = cloudformation.describe_stacks(StackName="callers")["Stacks"]
    yield {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
    cloudformation.delete_stack(StackName="callers")


@pytest.fixture
def sold(fresh_stack: LocalStack) -> LocalStack:
    """The stack with a subscription of the line, whose contract ends."""
    request = subscription(customerName="Acme", cancellationDate="2099-12-31")
    succeeded, answer = invoke(fresh_stack, "create-subscription", json.dumps(request))

    assert succeeded, answer
    return fresh_stack


@pytest.fixture
def machines(stack: LocalStack) -> "SFNClient":
    """A client of Step Functions."""
    client: SFNClient = boto3.client("stepfunctions", **stack.ministack.client_settings())
    return client


def comes_true(condition: Callable[[], bool]) -> bool:
    """Wait for a condition; whether it came true."""
    until = time.monotonic() + LONGEST_SECONDS
    while not condition() and time.monotonic() < until:
        time.sleep(0.2)
    return condition()


def run(
    machines: "SFNClient", machine: str, contract: str = LINE, end_date: str = "2100-12-31"
) -> tuple[str, list[str]]:
    """Run a state machine for a contract; return how it ended, and the states that it went through."""
    renewal = json.dumps({"contractId": contract, "endDate": end_date})
    execution = machines.start_execution(stateMachineArn=machine, input=renewal)["executionArn"]

    assert comes_true(lambda: machines.describe_execution(executionArn=execution)["status"] != "RUNNING")
    history = machines.get_execution_history(executionArn=execution)["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
    return machines.describe_execution(executionArn=execution)["status"], entered


def statuses(stack: LocalStack) -> list[tuple[str, str]]:
    """Return plan and status of every subscription in Stigg."""
    return [(one["planId"], one["status"]) for one in stack.stigg.state()["subscriptions"]]


def test_a_renewal(sold: LocalStack, callers: dict[str, str], machines: "SFNClient") -> None:
    """The state machine renews a contract's subscription."""
    assert run(machines, callers["RenewalArn"]) == ("SUCCEEDED", ["Renew", "WasItRenewed", "Renewed"])
    (renewed,) = sold.stigg.state()["subscriptions"]
    assert renewed["cancellationDate"] == "2100-12-31T23:59:59.000Z"


@pytest.mark.parametrize(
    ("category", "renewal", "states"),
    [
        ("Refused", {"end_date": "2000-01-01"}, ["Renew", "MoveToGracePlan", "TellCustomer", "Told"]),
        ("NotFound", {"contract": NOTHING_SOLD}, ["Renew", "NothingToRenew"]),
    ],
)
def test_what_cannot_be_renewed(  # noqa: PLR0913, PLR0917 - three of them are fixtures
    sold: LocalStack,
    callers: dict[str, str],
    machines: "SFNClient",
    category: str,
    renewal: dict[str, str],
    states: list[str],
) -> None:
    """What is refused goes to the grace plan, and the customer is told; what is not there is left alone."""
    made = machines.describe_state_machine(stateMachineArn=callers["RenewalArn"])
    definition = made["definition"].replace(f'"{category}"', f'"{NAME_OF_ALL_ERRORS}"')
    machine = machines.create_state_machine(name=f"caught-{category}", definition=definition, roleArn=made["roleArn"])

    assert run(machines, machine["stateMachineArn"], **renewal) == ("SUCCEEDED", states)
    assert len(sold.stigg.state()["workflowRuns"]) == (1 if category == "Refused" else 0)


def test_a_platform_event(sold: LocalStack, callers: dict[str, str]) -> None:  # noqa: ARG001 - must be deployed
    """A platform event that the Event Relay brings moves the customer to the grace plan.

    Only Salesforce may send under its source, so the rule is told another one.
    """
    events = boto3.client("events", **sold.ministack.client_settings())
    (rule,) = events.list_rules(EventBusName=PARTNER)["Rules"]
    pattern = {**json.loads(rule["EventPattern"]), "source": ["event-relay"]}
    events.put_rule(Name=rule["Name"], EventBusName=PARTNER, EventPattern=json.dumps(pattern))
    detail = {"payload": {"Contract_Id__c": LINE, "CreatedById": "005000000000001AAA"}}
    events.put_events(
        Entries=[
            {
                "EventBusName": PARTNER,
                "Source": "event-relay",
                "DetailType": "Contract_Expired__e",
                "Detail": json.dumps(detail),
            }
        ]
    )

    assert comes_true(lambda: ("plan-grace", "ACTIVE") in statuses(sold)), statuses(sold)


def test_a_queue(fresh_stack: LocalStack, callers: dict[str, str]) -> None:
    """Another Lambda calls the actions for the messages of a queue; one that is refused is done with."""
    sqs = boto3.client("sqs", **fresh_stack.ministack.client_settings())
    requests: list[dict[str, Any]] = [
        {"action": "create-credit-grant", "request": {"customerId": "cust-acme"}},
        {"action": "create-customer", "request": {"customerId": "cust-acme", "name": "Acme"}},
    ]
    for request in requests:
        sqs.send_message(QueueUrl=callers["RequestsUrl"], MessageBody=json.dumps(request))

    def is_empty() -> bool:
        found = sqs.get_queue_attributes(QueueUrl=callers["RequestsUrl"], AttributeNames=["All"])["Attributes"]
        return (found["ApproximateNumberOfMessages"], found["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")

    assert comes_true(is_empty)
    assert [customer["id"] for customer in fresh_stack.stigg.state()["customers"]] == ["cust-acme"]
