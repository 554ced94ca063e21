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


def add_to(app: typer.Typer) -> None:
    """Add the command to the group."""
    command(app, "setup")(setup_org)


def setup_org(
    session: Session,
    *,
    org: Annotated[str, typer.Option(help="Alias or username of the org in the Salesforce CLI.")],
    user: Annotated[
        list[str] | None, typer.Option(help="Username in Salesforce of a seller, who gets the permission set.")
    ] = None,
    settings_file: Annotated[Path | None, typer.Option("--settings", help="TOML file of Stigg Settings.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="One of the Stigg Settings, NAME=VALUE.")] = None,
    aws_user: Annotated[str | None, typer.Option(help="IAM user of the org; default salesforce-ALIAS.")] = None,
    replace_key: Annotated[bool, typer.Option("--replace-key", help="Give the org a new access key.")] = False,
    deploy: Annotated[bool, typer.Option(help="Deploy salesforce/; Flows that you changed are overwritten.")] = True,
    layouts: Annotated[bool, typer.Option(help="Add Stigg's fields to page layouts without them.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what each step would do; change nothing.")] = False,
) -> ExitCode:
    """Set up a Salesforce org for a stack, or complete it. Run it again at any time; each step says what it found.

    It needs the Salesforce CLI with a login of an administrator (sf org login web), and rights in AWS to read the stack
    and to manage the IAM user. The access key goes from AWS to the org; it is not shown and not kept.

    Example: stigg-actions salesforce setup --org stigg-sandbox --set Currency=USD --env development
    """
    wishes = Wishes(
        aws_user or f"salesforce-{re.sub(r'[^A-Za-z0-9+=,.@_-]', '-', org)}",
        tuple(user or ()),
        settings.read(settings_file, pairs(set_, "--set")),
        deploy,
        layouts,
        replace_key,
        dry_run,
    )
    with prepared(session.stack, SalesforceCli(org), wishes) as (setup, found):
        report = Report(session.output, dry_run)
        for one in found:
            report.add("Prerequisites", one)
        run(setup, report)
    return ExitCode.DONE
