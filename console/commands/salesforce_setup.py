"""The command of deployers that sets up a Salesforce org for a stack."""

import re
from pathlib import Path
from typing import Annotated

import typer

from console.errors import ExitCode
from console.org_setup import settings
from console.org_setup.prerequisites import prepared
from console.org_setup.run import Report, run
from console.org_setup.salesforce_cli import SalesforceCli
from console.org_setup.setup import Wishes
from console.session import Session, command, pairs

_NO_NAME = re.compile(r"[^A-Za-z0-9+=,.@_-]")
"""What a name in IAM may not have."""

OrgOption = Annotated[str, typer.Option(help="Alias or username of the org in the Salesforce CLI.")]
UserOption = Annotated[
    list[str] | None, typer.Option(help="Username in Salesforce of a seller, who gets the permission set.")
]
FileOption = Annotated[Path | None, typer.Option("--settings", help="TOML file of Stigg Settings.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="One of the Stigg Settings, NAME=VALUE.")]
AwsUserOption = Annotated[str | None, typer.Option(help="IAM user of the org; default salesforce-ALIAS.")]
ReplaceOption = Annotated[bool, typer.Option("--replace-key", help="Give the org a new access key.")]
DeployOption = Annotated[bool, typer.Option(help="Deploy salesforce/; its Flows that you changed are overwritten.")]
LayoutsOption = Annotated[bool, typer.Option(help="Add Stigg's fields to page layouts without them.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what each step would do; change nothing.")]


def add_to(app: typer.Typer) -> None:
    """Add the command to the group."""
    command(app, "setup")(setup_org)


def setup_org(
    session: Session,
    *,
    org: OrgOption,
    user: UserOption = None,
    settings_file: FileOption = None,
    set_: SetOption = None,
    aws_user: AwsUserOption = None,
    replace_key: ReplaceOption = False,
    deploy: DeployOption = True,
    layouts: LayoutsOption = True,
    dry_run: DryRunOption = False,
) -> ExitCode:
    """Set up a Salesforce org for a stack, or complete it. Run it again at any time; each step says what it found.

    It needs the Salesforce CLI with a login of an administrator (sf org login web), and rights in AWS to read the stack
    and to manage the IAM user. The access key goes from AWS to the org; it is not shown and not kept.

    Example: stigg-actions salesforce setup --org stigg-sandbox --set Currency=USD --env development
    """
    name = aws_user or f"salesforce-{_NO_NAME.sub('-', org)}"
    values = settings.read(settings_file, pairs(set_, "--set"))
    wishes = Wishes(name, tuple(user or ()), values, deploy, layouts, replace_key, dry_run)
    with prepared(session.stack, SalesforceCli(org), wishes) as (setup, found):
        run(setup, Report(session.output, dry_run), found)
    return ExitCode.DONE
