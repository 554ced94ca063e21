"""The actions in this process: on real tables in the AWS stand-in and on the Stigg emulator."""

import importlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import httpx

from local.stack.template import ROOT, functions
from local.stigg_emulator.hosting import HostedEmulator
from stigg_actions.clock import Deadline
from stigg_actions.deps import Container
from stigg_actions.entrypoints.action import Handler, entrypoint
from stigg_actions.settings import Settings
from stigg_actions.stigg.transport import Transport
from stigg_actions.storage.dynamodb import Database
from stigg_actions.storage.ledger import Ledger
from stigg_actions.storage.mapping import CustomerState, RecordState, is_unmapped
from stigg_actions.storage.snapshot import Target
from tests.support.aws import Aws
from tests.support.clocks import SkippingClock
from tests.support.published import answer_problems
from tests.support.queues import EventSource, InProcessLambda, Queues
from tests.support.roles import GuardedDynamoDB, acting_as
from tests.support.stigg_in_process import EmulatorTransport
from tests.support.tables import Tables

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

for _app in (ROOT / "functions").glob("*/app.py"):  # under the eyes of the coverage, which some tests are not
    importlib.import_module(f"functions.{_app.parent.name}.app")

ORG = "00D000000000001EAA"
OTHER_ORG = "00D000000000002EAA"
SECRET = {
    "apiKey": HostedEmulator.key,
    "environment": "development",
    "environmentSlug": "development-local",
}


@dataclass(frozen=True)
class Reply:
    """An answer through API Gateway: status and body."""

    status: int
    body: dict[str, Any]


@dataclass
class Harness:
    """All actions over one pair of tables and one emulator."""

    tables: Tables
    emulator: HostedEmulator
    secrets: "SecretsManagerClient"
    queues: Queues
    settings: Settings
    clock: SkippingClock = field(default_factory=SkippingClock)
    dynamodb: Any = None
    """The client that the actions use, unless it is the plain one."""
    other_secrets: list[str] = field(default_factory=list)
    resources: ExitStack = field(default_factory=ExitStack)
    given_up_url: str = ""

    @property
    def sqs(self) -> "SQSClient":
        """The client of the queues."""
        return cast("SQSClient", self.queues)

    @cached_property
    def warm(self) -> Container:
        """The container that calls share, unless they bring their own."""
        return self.container()

    def container(
        self,
        wire: Transport | None = None,
        dynamodb: Any = None,  # noqa: ANN401 - a client
        secrets: Any = None,  # noqa: ANN401 - a client
        sqs: Any = None,  # noqa: ANN401 - a client
    ) -> Container:
        """Return a new container: what a cold start makes."""
        return Container(
            self.settings,
            dynamodb=cast("Any", GuardedDynamoDB(dynamodb or self.dynamodb or self.tables.plain)),
            secrets_manager=secrets or self.secrets,
            wire=self.resources.enter_context(closing(wire or self.wire())),
            clock=self.clock,
            sqs=lambda: sqs or self.sqs,
        )

    @property
    def to_stigg(self) -> httpx.BaseTransport:
        """The transport that passes requests to the emulator, in this process."""
        return EmulatorTransport(self.emulator.service)

    def wire(self, transport: httpx.BaseTransport | None = None) -> Transport:
        """Return a connection to Stigg as the actions have it, over a transport of a test."""
        return Transport(self.settings.stigg_api_url, transport=transport or self.to_stigg)

    def event_source(self, aws_lambda: Any = None) -> EventSource:  # noqa: ANN401 - a client
        """Return the event source of the queue of batches, whose worker calls the actions in this process."""
        return EventSource(
            self.sqs,
            self.tables.client,
            self.settings,
            self.clock,
            self.given_up_url,
            aws_lambda or InProcessLambda(self.invoke),
        )

    def post(self, action: str, body: Any, container: Container | None = None) -> Reply:  # noqa: ANN401 - any JSON
        """Call an action as API Gateway does; the answer must be one that docs/openapi.json describes."""
        text = body if isinstance(body, str) else json.dumps(body)
        event = {"httpMethod": "POST", "requestContext": {}, "headers": {}, "body": text}
        answer = self._handler(action, container)(event, None)
        reply = Reply(answer["statusCode"], json.loads(answer["body"]))

        assert answer_problems(action, reply.status, reply.body) == []
        return reply

    def invoke(
        self,
        action: str,
        body: Any,  # noqa: ANN401 - any JSON
        context: object = None,
        container: Container | None = None,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Call an action directly, as another AWS service does."""
        return self._handler(action, container)(body, context)

    @staticmethod
    def unreachable_wire() -> Transport:
        """Return a wire to a port on which nobody listens."""
        return Transport("http://127.0.0.1:9")

    def ok(self, action: str, body: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Call an action that must succeed, and return its body."""
        reply = self.post(action, body)

        assert reply.status == 200, reply.body
        return reply.body

    def at_once(self, *calls: tuple[str, Any]) -> list[Reply]:
        """Call actions at the same moment, each in a container of its own; return the answers in order."""
        containers = [self.container() for _ in calls]
        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(lambda call, container: self.post(call[0], call[1], container), calls, containers))

    def mapping(self, record_id: str, org_id: str = ORG) -> RecordState | None:
        """Return what the tables hold of a record that was ever mapped."""
        record = self._ledger().record(org_id, record_id)
        return None if is_unmapped(record) else record

    def customer(self, customer_id: str) -> CustomerState:
        """Return what the tables hold of a customer."""
        state = self._ledger().snapshot(Target(ORG, customer_id), None).customer

        assert state is not None
        return state

    def live(self, customer_id: str, resource_id: str | None = None) -> list[str]:
        """Return the live subscriptions that the tables hold of a customer, on one resource or on none."""
        names = Target(ORG, customer_id, resource_id=resource_id, of_resource=True)
        resource = self._ledger().snapshot(names, None).resource
        return sorted(resource.live) if resource else []

    def terms(self, subscription_id: str) -> Mapping[str, Any]:
        """Return the terms that the tables remember of a subscription."""
        state = self._ledger().snapshot(Target(ORG, subscription_id=subscription_id), None).subscription

        assert state is not None
        return state.terms

    def is_released(self, subscription_id: str) -> bool:
        """Whether the tables say that a subscription has lost its record to another one."""
        state = self._ledger().subscription(subscription_id)
        return state is not None and state.released_from is not None

    def history(self, record_id: str, org_id: str = ORG) -> list[str]:
        """Return the events of a record's history, oldest first."""
        lines = [
            (item["sk"]["S"], item["event"]["S"])
            for item in self.tables.items(self.tables.mappings)
            if item["pk"]["S"] == f"record#{org_id}#{record_id}" and item["sk"]["S"].startswith("history#")
        ]
        return [event for _, event in sorted(lines)]

    def operations(self) -> list[tuple[str, str]]:
        """Return kind and status of every operation in the ledger, sorted."""
        return sorted((item["kind"]["S"], item["status"]["S"]) for item in self.intents())

    def intents(self) -> list[dict[str, Any]]:
        """Return the items of the ledger that are operations; the others lead from a later call to one."""
        return [item for item in self.tables.items(self.tables.operations) if "status" in item]

    def writes_to_stigg(self) -> list[tuple[str, str]]:
        """Return method and path of every write that Stigg has answered with success."""
        return [
            (call["method"], call["path"])
            for call in self.emulator.state()["calls"]
            if call["method"] != "GET" and call["status"] < 300
        ]

    def set_time(self, moment: str) -> None:
        """Make it a moment, as ISO 8601 text, for the actions and for Stigg; time goes on from there."""
        self.emulator.set_clock(moment)
        self.clock.skip(datetime.fromisoformat(moment).timestamp() - self.clock.now())

    def stigg_app(self, method: str, path: str, body: dict[str, Any]) -> None:
        """Do something in Stigg past the actions, as somebody would in its app."""
        headers = {"X-API-KEY": self.emulator.key}
        with httpx.Client(headers=headers, transport=self.to_stigg) as client:
            client.request(method, f"{self.emulator.url}{path}", json=body).raise_for_status()

    def with_settings(self, **changes: Any) -> "Harness":  # noqa: ANN401 - any setting
        """Return the same deployment with other settings."""
        return replace(self, settings=replace(self.settings, **changes))

    def with_queues(self) -> "Harness":
        """Return the same deployment with queues of its own, from which its worker takes while others wait."""
        name = uuid.uuid4().hex
        queue, given_up = (self.queues.url(f"{kind}-{name}") for kind in ("batches", "given-up"))
        harness = replace(self, given_up_url=given_up).with_settings(batch_queue_url=queue)
        harness.clock.meanwhile = harness.event_source().run
        return harness

    @contextmanager
    def afresh(self) -> Iterator["Harness"]:
        """Return the same deployment as it was made: its time is now, it has served nobody, its secret is the first."""
        with ExitStack() as resources:
            yield replace(self, clock=SkippingClock(), resources=resources).with_queues()
        if self.other_secrets:
            self.store_secret(SECRET)
            self.other_secrets.clear()

    def store_secret(self, content: dict[str, Any] | str) -> None:
        """Store another secret for the environment."""
        text = content if isinstance(content, str) else json.dumps(content)
        self.other_secrets.append(text)
        self.secrets.put_secret_value(SecretId=self.settings.secret_id, SecretString=text)

    def _ledger(self) -> Ledger:
        database = Database(cast("Any", self.tables.plain), Deadline.after(self.clock, 60))
        return Ledger(database, self.settings, self.clock)

    def _handler(self, action: str, container: Container | None) -> Handler:
        working_with = container or self.warm
        return handler_of(action, lambda: working_with)


def handler_of(action: str, container: Callable[[], Container]) -> Handler:
    """Return the Lambda handler of an action, over a container of the tests and under the role of its function."""
    folder, function = action.replace("-", "_"), functions()[action]
    handler = entrypoint(getattr(importlib.import_module(f"functions.{folder}.app"), folder), container)

    def under_its_role(event: Any, context: Any) -> Any:  # noqa: ANN401 - the runtime's own
        with acting_as(function):
            return handler(event, context)

    return under_its_role


@contextmanager
def running_harness(
    aws: Aws, tables: Tables, emulator: HostedEmulator, *, clock: SkippingClock | None = None
) -> Iterator[Harness]:
    """Make a deployment in this process, with a secret of its own."""
    with ExitStack() as resources:
        secrets: Any = resources.enter_context(closing(aws.plain("secretsmanager")))
        queues = resources.enter_context(closing(Queues(aws)))
        secret_id = secrets.create_secret(Name=f"stigg/{uuid.uuid4().hex}", SecretString=json.dumps(SECRET))["ARN"]
        settings = _settings(tables, emulator, secret_id)
        harness = Harness(tables, emulator, secrets, queues, settings, clock or SkippingClock(), resources=resources)
        yield harness.with_queues()
        secrets.delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)


def _settings(tables: Tables, emulator: HostedEmulator, secret_id: str) -> Settings:
    return Settings(
        environment="development",
        stigg_api_url=emulator.url,
        secret_id=secret_id,
        mappings_table=tables.mappings,
        operations_table=tables.operations,
        batches_table=tables.batches,
        batch_queue_url="made anew for each harness",
        batch_writes_per_minute=240,
        default_org_id=ORG,
        allowed_org_ids=frozenset({ORG}),
        grace_plan_id="plan-grace",
    )
