"""What the functions log in this process, read by tests, and searched for what must not be there."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, override

import boto3
from aws_lambda_powertools import Logger

from local.stack import LocalStack
from stigg_actions.observability import SERVICE

PERSONAL = re.compile(
    r"[^\s@\"]+@[^\s@\"]+\.[a-z]+"  # e-mail addresses
    r"|Acme|Globex|Müller|Jane|Account \d|Secret Holding"  # names of customers in tests and examples
    r"|server-[a-z]|client-[a-z]|whsec-|sk_\w"  # keys of Stigg, and webhook secrets
    r"|AKIA|SecretString"
)
"""E-mail addresses, the names of customers in the tests and examples, and keys."""

EXAMPLE = "name@example.com"
"""The address in the message that an e-mail address is none, which is no one's."""
MOST_LINES = 10_000
"""Lines in one answer of the stand-in."""

_OF_EVERY_RECORD = set(vars(logging.makeLogRecord({})))


class Listener(logging.Handler):
    """Hears every line, as the fields that it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        fields = {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
        self.lines.append({"message": record.getMessage(), "level": record.levelname, **fields})


def stack_lines(stack: LocalStack) -> list[str]:
    """Return all that the functions of a deployed stack have logged.

    The stand-in answers with 10,000 lines at most, and says nothing of the others: so each stream is asked alone.
    """
    client = boto3.client("logs", **stack.ministack.client_settings())
    group = stack.deployment.outputs["FunctionLogGroupName"]
    streams = client.get_paginator("describe_log_streams").paginate(logGroupName=group)
    names = [stream["logStreamName"] for page in streams for stream in page["logStreams"]]
    return [line for name in names for line in _lines_of(client, group, name)]


def _lines_of(client: Any, group: str, stream: str) -> list[str]:  # noqa: ANN401 - boto3's own client
    pages = client.get_paginator("filter_log_events").paginate(logGroupName=group, logStreamNames=[stream])
    lines = [event["message"] for page in pages for event in page["events"]]

    assert len(lines) < MOST_LINES, "the stand-in may have left out lines"
    return lines


@contextmanager
def listening() -> Iterator[Listener]:
    """Hear what the functions log from now on."""
    logger = logging.getLogger(SERVICE)
    assert Logger(service=SERVICE).registered_handler is logger.handlers[0]  # makes it, and ours is not the first
    listener = Listener()
    logger.addHandler(listener)
    yield listener
    logger.removeHandler(listener)


def personal(text: object) -> list[str]:
    """Return what a line, or any JSON, holds of names, e-mail addresses and keys."""
    line = text if isinstance(text, str) else json.dumps(text, default=str, ensure_ascii=False)
    return PERSONAL.findall(line.replace(EXAMPLE, ""))


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Whether a filter pattern of CloudWatch Logs, of comparisons with texts, takes a line.

    A comparison with a field that the line does not have is false, be it = or !=.
    """

    def compared(comparison: re.Match[str]) -> str:
        path, operator, text, expression = comparison.groups()
        value = _field(line, path)
        if value is None:
            return "False"
        expected = expression or f"^{re.escape(text).replace(r'\*', '.*')}$"
        found = re.search(expected, str(value), re.DOTALL) is not None
        return str(found is (operator == "="))

    terms = re.sub(r'\$\.([\w.]+) (=|!=) (?:"([^"]*)"|%([^%]+)%)', compared, pattern.strip()[1:-1])
    assert re.fullmatch(r"(True|False|&&|\|\||[()\s])+", terms), terms
    return _true(terms)


def _field(line: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what a line has under a path such as ``record.status``, None if it has none."""
    for name in path.split("."):
        line = line.get(name) if isinstance(line, dict) else None
    return line


def _true(terms: str) -> bool:
    """Evaluate a term of True and False; && binds before ||, as in CloudWatch."""
    while inner := re.search(r"\(([^()]*)\)", terms):
        terms = terms.replace(inner[0], str(_true(inner[1])))
    return any(all(word.strip() == "True" for word in part.split("&&")) for part in terms.split("||"))
