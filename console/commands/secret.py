"""The commands of deployers for the secrets of an environment."""

import getpass
import sys
from typing import Annotated, Literal

import typer

from console.errors import BadInputError, ExitCode
from console.secrets import FIELDS, KEPT_HOURS, OF_SALESFORCE, Content, Secrets, checked
from console.session import Session, command
from console.stack import LOCAL_SECTION, aws_errors
from scripts import samconfig
from scripts.samconfig import NotConfiguredError, Section

app = typer.Typer(
    help="For deployers: store a key, or another field, in the secrets of a Stigg environment.", no_args_is_help=True
)


Field = Literal[
    "api-key",
    "webhook-secret",
    "environment-slug",
    "salesforce-integration-id",
    "salesforce-client-id",
    "salesforce-client-secret",
]


@command(app, "set")
def set_field(
    session: Session,
    field: Annotated[Field, typer.Argument(help="Field to store.")],
    *,
    keep_hours: Annotated[
        int, typer.Option(min=0, max=168, help="Hours to accept the previous webhook-secret.")
    ] = KEPT_HOURS,
    start_over: Annotated[bool, typer.Option("--start-over", help="Replace the whole content of the secret.")] = False,
) -> ExitCode:
    """Store a field. The value is entered at a prompt or read from standard input, and never shown.

    --env names a section of samconfig.toml, or an environment without one. You need rights to read and write the
    secret; the stack's OperatorPolicy does not have them.

    Example: stigg-actions secret set api-key --env production
    """
    secrets = _secrets(session)
    with aws_errors():
        if not start_over:
            secrets.read(secrets.of_the_key)  # refuses an invalid secret before the prompt
        name = FIELDS[field]
        value = checked(name, _asked_for(name, secrets.environment))
        return _stored(session, *secrets.store(name, value, hours=keep_hours, start_over=start_over))


@command(app, "move-webhook-secret")
def move_webhook_secret(session: Session) -> ExitCode:
    """Move the webhook secret from the secret of the API key to its own, after an upgrade from one secret.

    Example: stigg-actions secret move-webhook-secret --env production
    """
    secrets = _secrets(session)
    with aws_errors():
        return _stored(session, secrets.of_webhooks, secrets.move())


def _secrets(session: Session) -> Secrets:
    """Return the secrets of a section of samconfig.toml, or of an environment without a section."""
    target, name = session.target, session.target.env or (LOCAL_SECTION if session.target.local else None)
    if name is None or target.stack is not None:
        raise BadInputError("Name the environment: --env, with a section of samconfig.toml or an environment's name.")
    try:
        section = samconfig.section_of(samconfig.read(), name)
    except NotConfiguredError:
        section = Section(name, name, {})
        target = target._replace(env=None, stack=name)
    stack = session.connect(target)
    session.output.notice(f"{section.secret} in {stack.place}.")
    return Secrets(stack.client("secretsmanager"), section.environment, section.secret, section.webhook_secret)


def _stored(session: Session, name: str, content: Content) -> ExitCode:
    """Print which fields a secret has, without their values."""
    session.output.document({"success": True, "secret": name, "fields": sorted(content)})
    session.output.line(f"Stored in {name}, which now has: {', '.join(sorted(content))}.")
    if OF_SALESFORCE & content.keys():
        session.output.line("The next deployment with SalesforceDomain uses it.")
    else:
        session.output.line("The functions use it within five minutes. To check a key at once: stigg-actions check.")
    return ExitCode.DONE


def _asked_for(field: str, environment: str) -> str:
    """Prompt at a terminal without showing the input; otherwise read the first line of standard input.

    The value is not an argument, because arguments are kept in the shell's history and shown in the list of processes.
    """
    if sys.stdin.isatty():
        return getpass.getpass(f"{field} of {environment} (not shown): ")
    return sys.stdin.readline()
