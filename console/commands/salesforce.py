"""The commands of deployers that let a Salesforce org call a stack."""

from pathlib import Path
from typing import Annotated

import typer

from console.commands import salesforce_setup
from console.errors import BadInputError, ExitCode
from console.salesforce_access import Access, make_user, of_stack
from console.session import Session, command
from console.stack import aws_errors

app = typer.Typer(help="For deployers: let a Salesforce org call a stack.", no_args_is_help=True)
salesforce_setup.add_to(app)


@command(app, "access")
def access(
    session: Session,
    *,
    user: Annotated[str | None, typer.Option(help="Create this IAM user with the policy and an access key.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="New file for the access key, which is not shown.")] = None,
) -> ExitCode:
    """Print the values that a Salesforce org needs, and with --user make the AWS user that it calls as.

    You need cloudformation:DescribeStacks and, with --user, rights in IAM. The stack's OperatorPolicy has neither.

    Example: stigg-actions salesforce access --user salesforce-sandbox --key-file ~/salesforce-key --env development
    """
    if (user is None) != (key_file is None):
        raise BadInputError("--user needs --key-file and the reverse: the key is written to that file and not shown.")
    with aws_errors():
        values = of_stack(session.stack.client("cloudformation"), session.stack.name)
        session.output.line(str(values))
        if user is not None and key_file is not None:
            _make_user(session, user, values, key_file)
            session.output.line(f"The user {user} has it. Its access key is in {key_file}, which only you can read.")
            session.output.line("Enter it in Setup (docs/salesforce-setup.md, step 3.4), and then delete the file.")
    session.output.document(
        {"success": True, "url": values.url, "region": values.region, "policyArn": values.policy_arn}
    )
    return ExitCode.DONE


def _make_user(session: Session, user: str, values: Access, key_file: Path) -> None:
    try:
        make_user(session.stack.client("iam"), user, values, key_file)
    except OSError as error:
        raise BadInputError(f"{key_file} cannot be made: {error.strerror}. Name a new file.") from None
