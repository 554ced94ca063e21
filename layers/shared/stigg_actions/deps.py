"""The objects that an action works with: clients live as long as the container, the rest as long as an invocation."""

from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import boto3
from botocore.config import Config

from stigg_actions import observability
from stigg_actions.clock import CallStats, Clock, Deadline, SystemClock
from stigg_actions.secrets import Secrets
from stigg_actions.settings import Settings, settings_from
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.session import Session
from stigg_actions.stigg.transport import Transport
from stigg_actions.storage.dynamodb import ANSWER_SECONDS, CONNECT_SECONDS, Database
from stigg_actions.storage.ledger import Ledger
from stigg_actions.storage.mapping_store import MappingStore
from stigg_actions.storage.operation_index import OperationIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient


RESERVED_FOR_THE_RECORD_SECONDS = 3.0
"""Calls to Stigg end this much before the deadline, so that their outcome can be recorded."""

AWS = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=ANSWER_SECONDS,
    retries={"total_max_attempts": 1},
    parameter_validation=False,
)
"""botocore does not retry, because only the caller knows how much time is left. It does not validate parameters either:
mypy checks their types, and AWS the rest."""


class Deps(NamedTuple):
    """The objects of one invocation. Calls to Stigg and DynamoDB end within its time."""

    settings: Settings
    clock: Clock
    deadline: Deadline
    correlation_id: str
    stats: CallStats
    database: Database
    ledger: Ledger
    records: MappingStore
    operation_index: OperationIndex
    secrets: Secrets
    stigg: Stigg
    sqs: "Callable[[], SQSClient]"
    subjects: observability.Subjects
    renewed: "Callable[[float], Deps]"
    """Returns the objects for one of several writes of an invocation, with the seconds that it has."""
    caller: str = "direct"
    """Who called: ``api`` for API Gateway, ``direct`` for any AWS identity that may invoke the function."""


class Container:
    """The objects that outlive an invocation: connections, the cached secret, the settings."""

    def __init__(  # noqa: PLR0913 - one parameter for each service
        self,
        settings: Settings,
        *,
        dynamodb: "DynamoDBClient",
        secrets_manager: "SecretsManagerClient",
        wire: Transport,
        clock: Clock,
        sqs: "Callable[[], SQSClient] | None" = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._dynamodb = dynamodb
        self._wire = wire
        self._sqs = sqs or cache(partial(boto3.client, "sqs", config=AWS))
        self._secrets = Secrets(
            secrets_manager, secret_id=settings.secret_id, environment=settings.environment, clock=clock
        )

    def deps(self, *, correlation_id: str, seconds: float, stats: CallStats | None = None) -> Deps:
        """Return the objects for an invocation that has to end within a number of seconds."""
        deadline = Deadline.after(self.clock, seconds)
        for_stigg = Deadline.after(self.clock, seconds - RESERVED_FOR_THE_RECORD_SECONDS)
        stats = stats or CallStats()
        session = Session(self._wire, self._secrets, for_stigg, self.settings.environment, stats)
        database = Database(self._dynamodb, deadline, stats)
        return Deps(
            self.settings,
            self.clock,
            deadline,
            correlation_id,
            stats,
            database,
            Ledger(database, self.settings, self.clock),
            MappingStore(database, self.settings, self.clock),
            OperationIndex(database, self.settings),
            self._secrets,
            Stigg(session),
            self._sqs,
            observability.Subjects(),
            lambda seconds: self.deps(correlation_id=correlation_id, seconds=seconds, stats=stats),
        )


@cache
def container() -> Container:
    """Return this process's container, built from the environment on first use.

    Raises:
        Misconfigured: a setting is missing.
    """
    observability.silence_libraries()
    settings = settings_from()
    return Container(
        settings,
        dynamodb=boto3.client("dynamodb", config=AWS),
        secrets_manager=boto3.client("secretsmanager", config=AWS),
        wire=Transport(settings.stigg_api_url),
        clock=SystemClock(),
    )
