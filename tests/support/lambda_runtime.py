"""The functions under Lambda's own runtime client, on the tables and the Stigg of a test."""

import json
import site
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.lambda_runtime import Outcome, Started, started
from local.stack.ministack import Ministack
from local.stack.template import ROOT
from tests.support.harness import Harness

PACKAGES = [Path(folder) for folder in site.getsitepackages()]
SHARED = ROOT / "layers" / "shared"


@dataclass
class Runtimes:
    """One process for each function that was called; what all of them log is in one file, line by line."""

    variables: Mapping[str, str]
    log: Path
    resources: ExitStack
    _started: dict[str, Started] = field(default_factory=dict)

    def call(self, action: str, event: Mapping[str, Any]) -> Outcome:
        """Invoke a function, and return what its runtime client reports."""
        if action not in self._started:
            path = [ROOT / "functions" / action.replace("-", "_"), SHARED, *PACKAGES]
            process = started("app.handler", path, self.variables, log=self.log)
            self._started[action] = self.resources.enter_context(process)
        return self._started[action].outcome(event)

    def logged(self, action: str, event: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Invoke a function, and return what it logged, each line as the JSON object that it is."""
        before = len(self.lines())
        self.call(action, event)
        return self.lines()[before:]

    def lines(self) -> list[dict[str, Any]]:
        """Return all that the functions have logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@contextmanager
def running_functions(harness: Harness, ministack: Ministack, log: Path) -> Iterator[Runtimes]:
    """Run functions as Lambda does, with the settings that the template gives them, until the block ends."""
    settings, client = harness.settings, ministack.client_settings()
    variables = {
        "STIGG_ENVIRONMENT": settings.environment,
        "STIGG_API_URL": settings.stigg_api_url,
        "STIGG_SECRET_ID": settings.secret_id,
        "MAPPINGS_TABLE": settings.mappings_table,
        "OPERATIONS_TABLE": settings.operations_table,
        "BATCHES_TABLE": settings.batches_table,
        "BATCH_QUEUE_URL": settings.batch_queue_url,
        "BATCH_WRITES_PER_MINUTE": str(settings.batch_writes_per_minute),
        "DEFAULT_SALESFORCE_ORG_ID": settings.default_org_id,
        "AWS_ENDPOINT_URL": ministack.url,
        "AWS_DEFAULT_REGION": str(client["region_name"]),
        "AWS_ACCESS_KEY_ID": str(client["aws_access_key_id"]),
        "AWS_SECRET_ACCESS_KEY": str(client["aws_secret_access_key"]),
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "NO_PROXY": "127.0.0.1",
    }
    with ExitStack() as resources:
        yield Runtimes(variables, log, resources)
