"""Send a request to an action, as Salesforce does or as another AWS service does:  scripts/call ACTION FILE.

FILE is the body of a request, or a file of `events/<action>/`. Of an API Gateway event, the body is sent with the
event's correlation id. A hyphen reads the body from standard input. The answer is written to standard output and the
status to standard error. The exit status is 0 for a success and 1 for a failure.
"""

import argparse
import base64
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from local.signing import signed_headers
from scripts import reached
from scripts.aws_target import NoTargetError
from scripts.reached import NotRunningError, Reached

CORRELATION_HEADER = "X-Correlation-Id"


class NotReadableError(Exception):
    """The file does not exist or is not JSON."""


class Sent(NamedTuple):
    """A request: the text of its body, and the header with the correlation id if the file has one."""

    body: str
    headers: dict[str, str]


class Answered(NamedTuple):
    """An answer: its status in a few words, whether the call succeeded, and the body."""

    how: str
    success: bool
    body: str


def main() -> int:
    """Call the action; return 1 if it fails or cannot be called."""
    arguments = _parser().parse_args()
    try:
        sent = read(arguments.file)
        stack = reached.stack_of(arguments, lambda line: print(line, file=sys.stderr))
        answered = (invoked if arguments.direct else posted)(stack, arguments.action, sent)
    except (BotoCoreError, ClientError, NoTargetError, NotReadableError, NotRunningError, httpx.HTTPError) as error:
        print(error, file=sys.stderr)
        return 1
    print(answered.how, file=sys.stderr, flush=True)
    print(answered.body)
    return 0 if answered.success else 1


def read(file: str) -> Sent:
    """Return the body in a file or in its API Gateway event. Raises NotReadableError."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text()
        content = json.loads(text)
    except (OSError, ValueError) as error:
        raise NotReadableError(f"{file} does not exist or is not valid JSON: {error}") from None
    return _opened(content) if isinstance(content, dict) and "requestContext" in content else Sent(text, {})


def _opened(event: dict[str, Any]) -> Sent:
    given = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    named = given.get(CORRELATION_HEADER.lower())
    text = event.get("body") or ""
    body = base64.b64decode(text).decode() if event.get("isBase64Encoded") else text
    return Sent(body, {CORRELATION_HEADER: named} if named else {})


def posted(stack: Reached, action: str, sent: Sent) -> Answered:
    """Call the action through the API, signed. Raises httpx.HTTPError."""
    url = f"{stack.api}/{action}"
    headers = signed_headers(url, sent.body, credentials=stack.signer, region=stack.region, headers=sent.headers)
    with httpx.Client(timeout=reached.LONGEST_SECONDS, trust_env=not stack.is_local) as client:
        answer = client.post(url, content=sent.body.encode(), headers=headers)
    return Answered(f"HTTP {answer.status_code}", answer.is_success, answer.text)


def invoked(stack: Reached, action: str, sent: Sent) -> Answered:
    """Invoke the function of the action. Raises ClientError."""
    answer = stack.client("lambda").invoke(FunctionName=stack.function(action), Payload=sent.body.encode())
    body = answer["Payload"].read().decode()
    if "FunctionError" not in answer:
        return Answered("answered", success=True, body=body)
    raised = json.loads(body)
    return Answered(f"raised {raised.get('errorType')}", success=False, body=raised.get("errorMessage", body))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/call", description=__doc__)
    parser.add_argument("action", help="an action, such as create-customer")
    parser.add_argument("file", help="a request body or an API Gateway event; - reads standard input")
    parser.add_argument("--direct", action="store_true", help="invoke the function, as another AWS service does")
    reached.add_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
