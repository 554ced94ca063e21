"""The commands for the mapping of a Salesforce record to its subscription."""

from typing import Annotated

import typer

from console.commands import compare
from console.commands.reconcile import show_reconciled
from console.errors import BadInputError, ExitCode
from console.session import Session, command

app = typer.Typer(help="Show, compare and restore which subscription belongs to which record.", no_args_is_help=True)
compare.add_to(app)

RecordOption = Annotated[str | None, typer.Option(help="Salesforce record, 15 or 18 characters.")]
CustomerOption = Annotated[str | None, typer.Option(help="Stigg customer.")]
AccountOption = Annotated[str | None, typer.Option(help="Salesforce account of the customer.")]


@command(app, "show")
def show(
    session: Session,
    *,
    record: RecordOption = None,
    subscription: Annotated[str | None, typer.Option(help="Stigg subscription.")] = None,
    customer: CustomerOption = None,
    account: AccountOption = None,
) -> ExitCode:
    """Show the subscription of a record, its mapping and its history. A mapping that is lost is restored by this.

    Example: stigg-actions mapping show --record 00k5g00000LnAaAAAV --env production
    """
    if (record is None) == (subscription is None):
        raise BadInputError("Name one: --record or --subscription.")
    return _found(session, salesforceRecordId=record, subscriptionId=subscription, **_owner(customer, account))


@command(app, "rebuild")
def rebuild(
    session: Session,
    *,
    record: RecordOption = None,
    customer: CustomerOption = None,
    account: AccountOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --customer alone: report what would be done, and write nothing.")
    ] = False,
) -> ExitCode:
    """Restore the mapping of a record, or rewrite all mappings of a customer, from the metadata in Stigg.

    Example: stigg-actions mapping rebuild --customer cust-acme --env production
    """
    if record is not None and not dry_run:
        return _found(session, salesforceRecordId=record, **_owner(customer, account))
    if record is not None or customer is None or account is not None:
        raise BadInputError("Name a record (--record), or a customer (--customer). --dry-run needs a customer alone.")
    request = {"customerId": customer, "rebuild": True, "dryRun": dry_run}
    return show_reconciled(session, session.stack.call("reconcile", request))


def _owner(customer: str | None, account: str | None) -> dict[str, str | None]:
    return {"customerId": customer, "salesforceAccountId": account}


def _found(session: Session, **request: str | None) -> ExitCode:
    found = session.stack.call("get-subscription", {name: text for name, text in request.items() if text is not None})
    session.output.document(found)
    session.output.fields(found)
    session.output.fields(found.get("mapping", {}))
    session.output.table("History", ("at", "event", "subscriptionId", "operationKey"), found["history"])
    return ExitCode.DONE
