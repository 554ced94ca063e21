"""The command that compares a Salesforce export with the mappings and with Stigg."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from console.commands.file_options import FileArgument, MapOption, OrgOption
from console.commands.send_file import bad_cells_listed, in_org
from console.errors import BadInputError, ExitCode, RefusedError
from console.file_checks import check_rows
from console.files.columns import Choices, Columns
from console.files.rows import CsvFile, Row
from console.known_columns import compared_columns
from console.session import Session, command, pairs
from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models import parsing
from stigg_actions.models.get_subscription import GetSubscription

FIELDS = ("salesforceRecordId", "subscriptionId", "status")
"""What is read of a row. Other columns are not compared."""
SHOWN = ("row", "salesforceRecordId", "field", "inSalesforce", "found")


def add_to(app: typer.Typer) -> None:
    """Add the command to the group of mappings."""
    command(app, "compare")(compare)


def compare(session: Session, file: FileArgument, *, mapping: MapOption = None, org: OrgOption = None) -> ExitCode:
    """List each difference between a Salesforce export, the mappings and Stigg. A lost mapping is restored by this.

    Columns: Id, Stigg_Subscription_ID__c and, if it is to be compared, Stigg_Status__c; or those named by --map.

    Example: stigg-actions mapping compare contracts.csv --map Stigg_Record_ID__c=salesforceRecordId --env production
    """
    export = CsvFile(file)
    columns = _columns(export, pairs(mapping, "--map"))
    with session.output.progress() as progress:
        with bad_cells_listed(session):
            checked = check_rows(export, columns, _parse, progress)
        progress.start("Comparing", checked.rows)
        found: list[dict[str, Any]] = []
        for number, row in enumerate(export.rows(), start=1):
            differences = _differences(session, _fields(columns, row), in_org(org))
            found += ({"row": row.number, **one} for one in differences)
            progress.reach(number)
    session.output.document({"success": not found, "differences": found})
    session.output.table("", SHOWN, found)
    session.output.line(f"{len(found)} differences." if found else "Salesforce, the mappings and Stigg agree.")
    return ExitCode.SOME_FAILED if found else ExitCode.DONE


def _columns(export: CsvFile, mapped: Mapping[str, str]) -> Columns:
    """Return what each column holds. Raises BadInputError if one is missing or unknown."""
    known = {name: field for name, field in compared_columns(export.header).items() if field not in mapped.values()}
    fields = {**known, **mapped}
    missing = [field for field in FIELDS[:2] if field not in fields.values()]
    if missing:
        raise BadInputError(f"{export.path} has no column for {missing[0]}. Name it: --map COLUMN={missing[0]}.")
    others = [name for name in export.header if name not in fields]
    return Columns.read(export.header, FIELDS, Choices(fields, others), FIELDS)


def _parse(request: Mapping[str, Any], _row: int) -> None:
    """Read the record of a row as get-subscription does. Raises RequestInvalid."""
    if "salesforceRecordId" not in request:
        raise RequestInvalid([Problem("salesforceRecordId", "is required")])
    parsing.parse(GetSubscription, {"salesforceRecordId": request["salesforceRecordId"]})


def _fields(columns: Columns, row: Row) -> dict[str, str]:
    """Return what a row holds, blank where its cell is."""
    cells = zip(columns.fields, row.cells, strict=True)
    return {field: cell.strip() for field, cell in cells if field is not None}


def _differences(
    session: Session, fields: Mapping[str, str], of_org: Mapping[str, str]
) -> Iterator[dict[str, str | None]]:
    """Yield what the actions show of a record otherwise than Salesforce does."""
    record_id = fields["salesforceRecordId"]
    try:
        answer = session.stack.call_patiently("get-subscription", {"salesforceRecordId": record_id, **of_org})
    except RefusedError as error:
        if fields["subscriptionId"] or error.envelope.get("errorCode") != "MAPPING_NOT_FOUND":
            yield _difference(fields, "subscriptionId", str(error.envelope.get("errorCode", error)))
        return
    shown = {"subscriptionId": answer.get("subscriptionId"), "status": answer.get("status")}
    mapped = answer.get("mapping", {}).get("status")
    for field in ("subscriptionId", "status"):
        if field in fields and fields[field] != (shown[field] or ""):
            yield _difference(fields, field, shown[field])
    if mapped not in {None, shown["status"]}:
        yield _difference(fields, "mapping", mapped)


def _difference(fields: Mapping[str, str], field: str, found: str | None) -> dict[str, str | None]:
    named = {"salesforceRecordId": fields["salesforceRecordId"], "field": field}
    return {**named, "inSalesforce": fields.get(field), "found": found}
