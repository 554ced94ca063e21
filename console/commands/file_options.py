"""The options of every command that sends a file."""

from pathlib import Path
from typing import Annotated

import typer

from stigg_actions.models.batches import MOST_REQUESTS

Several = list[str] | None

FileArgument = Annotated[Path, typer.Argument(help="CSV file in UTF-8. Its first row names the columns.")]
MapOption = Annotated[
    Several, typer.Option("--map", help="COLUMN=FIELD, for a column that does not have the name of its field.")
]
SetOption = Annotated[Several, typer.Option("--set", help="FIELD=VALUE, the same for every row.")]
IgnoreOption = Annotated[Several, typer.Option(help="Column that is not sent.")]
IdColumnOption = Annotated[
    str | None, typer.Option(help="Column with the record ids, which come first in the results.")
]
ResultsOption = Annotated[Path | None, typer.Option(help="Folder for the results, if not that of the file.")]
RunOption = Annotated[str, typer.Option(help="Name of the run. Under a new name, the same file is sent again.")]
PageSizeOption = Annotated[int, typer.Option(min=1, max=MOST_REQUESTS, help="Rows that are sent together.")]
CheckOnlyOption = Annotated[bool, typer.Option("--check-only", help="Check the file and send no row.")]
OrgOption = Annotated[str | None, typer.Option("--org", help="Salesforce organization, if not the stack's own.")]
