"""Store a field in the secret of a Stigg environment; the others stay as they are.

The value is asked for, or read from standard input; it is no argument, because arguments are kept in the shell's
history and shown in the list of processes. It is never printed. Account and region are printed before it is asked for.
"""

import argparse
import getpass
import json
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts import aws_target
from scripts.aws_target import NoTargetError

SAMCONFIG = Path(__file__).resolve().parents[1] / "samconfig.toml"
ENVIRONMENTS = ("development", "staging", "production")
FIELDS = {
    "api-key": "apiKey",
    "webhook-secret": "webhookSecret",
    "environment-slug": "environmentSlug",
    "salesforce-integration-id": "salesforceIntegrationId",
}
NOT_THERE = "ResourceNotFoundException"
KEPT_HOURS = 24
"""For so long, webhooks that were sent with the former secret are still taken."""

type Content = dict[str, Any]


class RefusedError(Exception):
    """The value, or what stands in the secret, is not what it must be; nothing was stored."""


def main() -> int:
    """Do as the command line says; 1 if something is refused, by AWS or by us."""
    arguments = _parser().parse_args()
    try:
        configuration = aws_target.configured(tomllib.loads(SAMCONFIG.read_text()), arguments.environment)
        target = aws_target.chosen(arguments, configuration)
        field, secret_id = FIELDS[arguments.field], f"stigg/{arguments.environment}"
        print(f"{secret_id} in {target}.", flush=True)
        client = target.session.client("secretsmanager")
        before = {} if arguments.start_over else read(client, secret_id, arguments.environment)
        value = checked(field, _asked_for(field, arguments.environment))
        now = datetime.now(UTC)
        after = {"environment": arguments.environment} | changed(
            before, field, value, now=now, hours=arguments.keep_hours
        )
        client.put_secret_value(SecretId=secret_id, SecretString=json.dumps(after))
    except (BotoCoreError, ClientError, NoTargetError, RefusedError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{secret_id}: {field} is stored. The secret has now: {', '.join(sorted(after))}.")
    print("It counts within five minutes; to know at once whether it is right, call check-connection.")
    return 0


def read(client: Any, secret_id: str, environment: str) -> Content:  # noqa: ANN401 - a boto3 client
    """Return what the secret holds.

    Raises:
        RefusedError: there is none, or it is no JSON object of this environment.
        ClientError: AWS refuses.
    """
    try:
        content = json.loads(client.get_secret_value(SecretId=secret_id).get("SecretString", ""))
    except ValueError:
        content = None
    except ClientError as error:
        if error.response["Error"]["Code"] != NOT_THERE:
            raise
        raise RefusedError(
            f"There is no secret {secret_id} in this account and region: deploy its stack first."
        ) from None
    if not isinstance(content, dict):
        raise RefusedError(f"{secret_id} holds no JSON object. To store a new one in its place, add --start-over.")
    marker = content.get("environment", environment)
    if marker != environment:
        raise RefusedError(
            f"{secret_id} holds the secret of {marker!r}. To store a new one in its place, add --start-over."
        )
    return content


def checked(field: str, value: str) -> str:
    """Return a value without what surrounds it. Raises RefusedError if it cannot be what it is given for."""
    text = value.strip()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise RefusedError(f"That is no {field}: it is empty, or has other characters than letters, digits and signs.")
    if field == "apiKey" and text.startswith("client-"):
        raise RefusedError("That is a publishable client- key, which may only read. Take the server- key.")
    if field == "apiKey" and not text.startswith("server-"):
        raise RefusedError("That is no key of Stigg: a server key starts with server-.")
    return text


def changed(before: Mapping[str, Any], field: str, value: str, *, now: datetime, hours: int) -> Content:
    """Return the content with a field changed.

    Stigg may send webhooks with the former secret until its own setting is changed too, so that one is kept for
    ``hours``, as ``previousWebhookSecret`` until ``previousWebhookSecretUntil`` (ISO 8601, UTC).
    """
    after = {**before, field: value}
    former = before.get("webhookSecret")
    if field == "webhookSecret" and former and former != value:
        until = (now + timedelta(hours=hours)).isoformat(timespec="seconds").replace("+00:00", "Z")
        after |= {"previousWebhookSecret": former, "previousWebhookSecretUntil": until}
    return after


def _asked_for(field: str, environment: str) -> str:
    """Ask at a terminal, without showing what is typed; elsewhere, take the first line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{field} of {environment} (not shown): ")
    return sys.stdin.readline()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/stigg-secret", description=__doc__)
    parser.add_argument("environment", choices=ENVIRONMENTS)
    parser.add_argument("field", choices=FIELDS)
    parser.add_argument(
        "--keep-hours",
        type=int,
        default=KEPT_HOURS,
        choices=range(169),
        metavar="HOURS",
        help=f"of webhook-secret: take the former one so long, 0 to 168 ({KEPT_HOURS})",
    )
    aws_target.add_options(parser)
    parser.add_argument("--start-over", action="store_true", help="forget what the secret holds, whatever it is")
    return parser


if __name__ == "__main__":
    sys.exit(main())
