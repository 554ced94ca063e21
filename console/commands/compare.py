"""The command that compares a Salesforce export with the mappings and with Stigg."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from console.commands.file_options import FileArgument, MapOption, OrgOption
from console.commands.send_file import in_org
from console.errors import BadInputError, ExitCode, RefusedError
from console.files.rows import CsvFile, Row
from console.session import Session, command, pairs

COLUMNS = {"Id": "salesforceRecordId", "Stigg_Subscription_ID__c": "subscriptionId", "Stigg_Status__c": "status"}
"""Columns of Salesforce, and what each holds. Others are not compared."""
REQUIRED = ("salesforceRecordId", "subscriptionId")
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
        progress.start("Comparing", sum(1 for _ in export.rows()))
        found: list[dict[str, Any]] = []
        for number, (row, fields) in enumerate(_rows(export, columns), start=1):
            found += ({"row": row.number, **one} for one in _differences(session, fields, in_org(org)))
            progress.reach(number)
    session.output.document({"success": not found, "differences": found})
    session.output.table("", SHOWN, found)
    session.output.line(f"{len(found)} differences." if found else "Salesforce, the mappings and Stigg agree.")
    return ExitCode.SOME_FAILED if found else ExitCode.DONE


def _columns(export: CsvFile, mapped: Mapping[str, str]) -> dict[int, str]:
    """Return what each column holds, by its place. Raises BadInputError if one is missing."""
    named = {**COLUMNS, **mapped}
    columns = {place: named[name] for place, name in enumerate(export.header) if name in named}
    missing = [field for field in REQUIRED if field not in columns.values()]
    if missing:
        raise BadInputError(f"{export.path} has no column for {missing[0]}. Name it: --map COLUMN={missing[0]}.")
    return columns


def _rows(export: CsvFile, columns: Mapping[int, str]) -> Iterator[tuple[Row, dict[str, str]]]:
    for row in export.rows():
        cells = {field: row.cells[place].strip() for place, field in columns.items() if place < len(row.cells)}
        yield row, {field: cells.get(field, "") for field in columns.values()}


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
