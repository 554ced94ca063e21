"""Show the log lines and the operations of an id:  scripts/logs ID.

ID is a correlationId, the id of a record, account, opportunity, customer or subscription, an operationKey, a batchId,
or an AWS request id. Both logs are searched, and the ledger is read for the operations that the lines name and for
those of the id itself. Each result is one line: its source, and JSON.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts import reached
from scripts.aws_target import NoTargetError
from scripts.reached import NotRunningError, Reached
from stigg_actions.observability import loggable
from stigg_actions.salesforce_ids import plain_id

LOGS = {"function": "FunctionLogGroupName", "access": "AccessLogGroupName"}
MOST_KEYS = 50
_CORRELATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:|-]{0,127}", re.ASCII)

type Line = dict[str, Any]


def main() -> int:
    """Print the results; return 1 if there are none or AWS refuses."""
    arguments = _parser().parse_args()
    try:
        stack = reached.stack_of(arguments, lambda line: print(line, file=sys.stderr))
        results = list(found(stack, arguments.id.strip(), hours=arguments.hours))
    except (BotoCoreError, ClientError, NoTargetError, NotRunningError) as error:
        print(error, file=sys.stderr)
        return 1
    for place, content in results:
        print(f"{place:8} {json.dumps(content, ensure_ascii=False)}")
    if not results:
        print(
            f"No log line of the last {arguments.hours} hours and no operation has {arguments.id}.",
            file=sys.stderr,
        )
    return 0 if results else 1


def found(stack: Reached, given: str, *, hours: int) -> Iterator[tuple[str, Line]]:
    """Yield the lines of both logs with an id, oldest first, and then the operations of the ledger.

    Raises ClientError if AWS refuses.
    """
    sought = loggable(plain_id(given) or given)
    lines = [(place, line) for place, output in LOGS.items() for line in logged(stack, output, sought, hours)]
    yield from lines
    keys = [key for _, line in lines for key in str(line.get("operationKey") or "").split(", ") if key]
    for operation in operations(stack, given, list(dict.fromkeys(keys))[:MOST_KEYS]):
        yield "ledger", operation


def logged(stack: Reached, output: str, sought: str, hours: int) -> Iterator[Line]:
    """Yield the lines of one log group with an id."""
    since = int((datetime.now(UTC) - timedelta(hours=hours)).timestamp() * 1000)
    pages = stack.client("logs").get_paginator("filter_log_events")
    for page in pages.paginate(logGroupName=stack.outputs[output], startTime=since, filterPattern=f'"{sought}"'):
        for event in page["events"]:
            line = _json(event["message"])
            if line and sought in event["message"] and "_aws" not in line:  # a line with _aws holds counts
                yield line


def operations(stack: Reached, given: str, keys: list[str]) -> Iterator[Line]:
    """Yield the operations with these keys, of the call or of the record, each once."""
    record = plain_id(given)
    requests: list[dict[str, str]] = [{"operationKey": key} for key in keys]
    requests += [{"salesforceRecordId": record}] if record else []
    requests += [{"ofCorrelationId": given}] if _CORRELATION_ID.fullmatch(given) else []
    listed = (operation for request in requests for operation in _listed(stack, request))
    yield from {(operation["operationKey"], operation["intent"]): operation for operation in listed}.values()


def _listed(stack: Reached, request: dict[str, str]) -> list[Line]:
    answer = stack.client("lambda").invoke(
        FunctionName=stack.function("list-operations"), Payload=json.dumps(request).encode()
    )
    body = json.loads(answer["Payload"].read())
    return [] if "FunctionError" in answer else list(body["operations"])


def _json(message: str) -> Line | None:
    try:
        line = json.loads(message)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/logs", description=__doc__)
    parser.add_argument("id", help="an id, such as a correlationId")
    parser.add_argument("--hours", type=int, default=24, help="hours of logs to search (default: 24)")
    reached.add_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
