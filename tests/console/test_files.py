"""The files package: reading, columns, pages and results of any action's file."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import BadInputError
from console.file_checks import BadFileError, check_file
from console.files.checking import LONGEST_VALUE, MOST_PROBLEMS, NOT_SHOWN, PERSONAL, shown
from console.files.columns import Choices, Columns
from console.files.pages import Limits, Page, pages
from console.files.results import COLUMNS, ResultsFile, harmless, result_of
from console.files.rows import CsvFile
from console.output import Output
from stigg_actions.batches.actions import BATCH_ACTIONS
from tests.support.program import write_csv

FIELDS = ("salesforceRecordId", "customerId", "planId")
ANY = Choices(id_column="customerId")
FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r\n=1", " =1"]


def columns_of(file: CsvFile, choices: Choices = ANY) -> Columns:
    """Read the columns of a file of subscriptions."""
    return Columns.read(file.header, FIELDS, choices, ["salesforceRecordId"])


def test_what_spreadsheets_write(tmp_path: Path) -> None:
    """A byte order mark, Windows line ends, quotes, commas and lines in cells and empty rows are read as meant."""
    path = tmp_path / "a.csv"
    path.write_bytes('\ufeffcustomerId,name\r\n1,"A, ""B""\nC"\r\n\r\n,\r\n2,\u00c5\r\n'.encode())
    file = CsvFile(path)

    assert file.header == ["customerId", "name"]
    assert [(row.number, row.cells) for row in file.rows()] == [(2, ["1", 'A, "B"\nC']), (5, ["2", "\u00c5"])]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty. The first row must name the columns."),
        (b"\n\n", "is empty"),
        (b"a;b\n1;2\n", "has semicolons between its columns. Save it as CSV UTF-8"),
        (b"a\tb\n1\t2\n", "has tabs between its columns. Save it as CSV UTF-8"),
        (b"a|b\n1|2\n", "has vertical bars between its columns. Save it as CSV UTF-8"),
        (b"sep=;\na;b\n1;2\n", "has semicolons between its columns"),
        (b"sep=,\na,b\n1,2\n", "begins with the line 'sep=,'. Remove it"),
        (b"a,b,a\n1,2,3\n", "has the column 'a' twice"),
        (b"a,,b,\n1,2,3,\n", "has no name for column 2 in its first row. Name the column, or remove it."),
        ("a,b\n1,2\n\n3,\u00e9\n".encode("latin-1"), "is not text in UTF-8, first in row 4, cell 2. Save it as CSV"),
        ("a,b\n1,2\n".encode("utf-16"), "is not text in UTF-8, first in row 1, cell 1"),
        ("a,b\n1,2\n".encode("utf-16-le"), "is not text in UTF-8, first in row 1, cell 1"),
        (b'a\n1\n"x\n2\n', "is not valid CSV in row 3: .* Look there for a quote that does not end"),
        (b'a\n1\n"x" y\n', "is not valid CSV in row 3"),
        (b"a\n" + b"x" * 1_000_001 + b"\n", "is not valid CSV in row 2: field larger than field limit"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    """A file that is not CSV in UTF-8 is refused with what to do."""
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    file = CsvFile(path)

    with pytest.raises(BadInputError, match=said):
        assert [file.header, *file.rows()] == []


def test_empty_lines_before_the_header(tmp_path: Path) -> None:
    """The first row that has cells names the columns, and rows keep the numbers that a spreadsheet shows."""
    file = CsvFile(write_csv(tmp_path / "a.csv", "", ",", "customerId,name", "1,A"))

    assert file.header == ["customerId", "name"]
    assert [(row.number, row.cells) for row in file.rows()] == [(4, ["1", "A"])]


def test_no_file(tmp_path: Path) -> None:
    """A file that is missing or a folder is refused."""
    with pytest.raises(BadInputError, match="cannot be read: No such file or directory"):
        CsvFile(tmp_path / "none.csv")
    with pytest.raises(BadInputError, match="is not a file"):
        CsvFile(tmp_path)


@pytest.mark.parametrize(
    ("header", "choices", "said"),
    [
        ("customerID", ANY, "Did you mean customerId?"),
        ("customerId,planid", ANY, "The column 'planid' is not a field of the request. Did you mean planId?"),
        (
            "customerId,x",
            ANY._replace(mapped={"y": "planId"}),
            "The file has no column 'y'. Its columns: customerId, x.",
        ),
        ("customerId,x", ANY._replace(mapped={"x": "plan"}), "'plan' is not a field of the request."),
        ("customerId,x", ANY._replace(mapped={"x": "customerId"}), "give the field customerId"),
        ("customerId", ANY._replace(constants={"customerId": "1"}), "give the field customerId"),
        ("customerId", ANY._replace(constants={"x": "1"}), "'x' is not a field"),
        ("customerId", Choices(), "Name the column that identifies a row: --id-column COLUMN"),
        ("customerId", Choices(id_column="Id"), "The file has no column 'Id'"),
    ],
)
def test_wrong_columns(tmp_path: Path, header: str, choices: Choices, said: str) -> None:
    """A column without a use, a field without a meaning and a field with two values are refused."""
    with pytest.raises(BadInputError) as raised:
        columns_of(CsvFile(write_csv(tmp_path / "a.csv", header)), choices)

    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("header", "choices", "first"),
    [
        ("Id,customerId", Choices(ignored=["Id"]), "i"),
        ("Id,salesforceRecordId", Choices(ignored=["Id"]), "r"),
        ("Id,Line", Choices(mapped={"Line": "salesforceRecordId"}, ignored=["Id"]), "r"),
        ("Id,customerId", Choices(ignored=["Id"], id_column="customerId"), "r"),
    ],
)
def test_the_column_with_the_record_ids(tmp_path: Path, header: str, choices: Choices, first: str) -> None:
    """The id of a row is its chosen column, else the column of a record's field, else the column Id."""
    file = CsvFile(write_csv(tmp_path / "a.csv", header, "i,r"))
    (row,) = file.rows()

    assert columns_of(file, choices).record_id(row) == first


def test_empty_cells_are_left_out(tmp_path: Path) -> None:
    """An empty cell is a field that is not given."""
    file = CsvFile(write_csv(tmp_path / "a.csv", "customerId,planId", "1, ,"))
    (row,) = file.rows()

    assert columns_of(file).request(row) == {"customerId": "1"}


def check(path: Path, action: str = "create-customer", choices: Choices = ANY) -> list[tuple[int, str, str]]:
    """Return row, column and problem of each bad cell."""
    with Output(as_json=True).progress() as progress, pytest.raises(BadFileError) as raised:
        check_file(path, action, choices, {}, progress)
    return [(problem.row, problem.column, problem.problem) for problem in raised.value.problems]


def test_all_problems_in_one_run(tmp_path: Path) -> None:
    """Problems of different rows and of one row are all listed, up to a limit."""
    good, bad = "cust-1,x@example.org,true", "cust 1,none,perhaps"
    few = check(write_csv(tmp_path / "a.csv", "customerId,email,mustExist", good, bad, good, bad))
    many = check(write_csv(tmp_path / "b.csv", "customerId,email,mustExist", *[bad] * 1000))

    assert [(row, column) for row, column, _ in few] == [
        (row, column) for row in (3, 5) for column in ("customerId", "email", "mustExist")
    ]
    assert len(many) == MOST_PROBLEMS


def test_a_row_of_another_length(tmp_path: Path) -> None:
    """A row with too many or too few cells is listed as such, because its cells may have moved."""
    problems = check(write_csv(tmp_path / "a.csv", "customerId,name", "cust-1", "cust-2,Two,Inc."))

    assert [(row, column) for row, column, _ in problems] == [(2, ""), (3, "")]
    assert problems[1][2].startswith("the row has 3 cells and the header 2")


def test_a_field_that_no_column_has(tmp_path: Path) -> None:
    """A required field without a column is listed once, not for every row."""
    file = write_csv(tmp_path / "a.csv", "customerId", *[f"cust-{number}" for number in range(100)])

    assert check(file, "create-subscription") == [(2, "planId", "is required")]


def test_json_in_a_cell(tmp_path: Path) -> None:
    """A problem inside of the JSON of a cell names its path there."""
    line = 'cust-1,plan-1,"[{""id"": ""addon-1"", ""quantity"": 1.5}]"'
    problems = check(write_csv(tmp_path / "a.csv", "customerId,planId,addons", line), "create-subscription")

    assert problems == [(2, "addons", "addons[0].quantity must be a whole number; fractions are refused, not rounded")]


def test_a_file_without_rows(tmp_path: Path) -> None:
    """A file that has a header alone is refused."""
    file = write_csv(tmp_path / "a.csv", "customerId")

    with (
        Output(as_json=True).progress() as progress,
        pytest.raises(BadInputError, match="has no rows below its header"),
    ):
        check_file(file, "create-customer", ANY, {}, progress)


def test_values_that_are_shown() -> None:
    """Names, addresses and texts of customers are not shown, and long values are cut."""
    assert shown("planId", "plan x") == "plan x"
    assert shown("customerId", "jane@example.org") == NOT_SHOWN
    assert shown("name", "Jane") == NOT_SHOWN
    assert shown("planId", "x" * 100) == "x" * LONGEST_VALUE + "..."


def test_every_personal_field_is_known() -> None:
    """Each field of a batched action whose name speaks of a person or a text is among those that are not shown."""
    fields = {
        str(field.alias) for action in BATCH_ACTIONS.values() for field in action.request_class().model_fields.values()
    }

    assert {field for field in fields if "name" in field.lower() or "mail" in field.lower()} <= PERSONAL
    assert fields >= PERSONAL


def test_pages_by_rows_and_by_length(tmp_path: Path) -> None:
    """A page ends with its last row, or before the row that would make it too long; a long row is a page of its own."""
    lines = [f"c{number},{'x' * length}" for number, length in enumerate((1, 1, 1, 500, 1, 30, 30, 1))]
    file = CsvFile(write_csv(tmp_path / "a.csv", "customerId,planId", *lines))
    cut = [*pages(file, columns_of(file), Limits(2, 100))]

    assert [page.record_ids for page in cut] == [["c0", "c1"], ["c2"], ["c3"], ["c4", "c5"], ["c6", "c7"]]
    assert [page.number for page in cut] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("cell", FORMULAS)
def test_formulas_are_made_harmless(cell: str) -> None:
    """A cell that a spreadsheet would run is text, on one line."""
    made = harmless(cell)

    assert made.startswith("'")
    assert made.splitlines() == [made]


def test_results_are_plain_csv(tmp_path: Path) -> None:
    """Results are one line a row, whatever the message has in it, and no cell is a formula."""
    answer = {
        "success": False,
        "errorCode": "REFUSED",
        "errorMessage": '=HYPERLINK("x"),\nsecond line',
        "subscriptionId": "-1",
        "answerText": '{"status": "ACTIVE", "cancellationDate": "2099-12-31T23:59:59Z", "addons": []}',
    }
    with ResultsFile.open(tmp_path / "r.csv") as results:
        results.add([result_of("@id", answer)])
    header, line = (tmp_path / "r.csv").read_text().splitlines()

    assert header == ",".join(COLUMNS)
    assert next(csv.reader([line])) == [
        *("'@id", "failed", "REFUSED", '\'=HYPERLINK("x"), second line', "'-1"),
        *("ACTIVE", "2099-12-31T23:59:59Z", ""),
    ]


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=1, max_size=5))
def test_any_text_in_results(rows: list[tuple[str, str, str]]) -> None:
    """Whatever text a file and an answer have, each row has one line, no cell is a formula, and a next run reads it."""
    page = Page(1, [record_id for record_id, _, _ in rows], [{} for _ in rows])
    answers = [
        {"success": False, "errorCode": code, "errorMessage": message, "answerText": "{}"} for _, code, message in rows
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        with ResultsFile.open(path) as results:
            assert results.of_page(page) is None
            results.add(
                [result_of(record_id, answer) for record_id, answer in zip(page.record_ids, answers, strict=True)]
            )
        with ResultsFile.open(path) as results:
            again = results.of_page(page)
        with path.open(newline="", encoding="utf-8") as file:
            lines = [*csv.reader(file)]

    assert again is not None
    assert [len(line) for line in lines] == [len(COLUMNS)] * (len(rows) + 1)
    assert [cell for line in lines for cell in line if cell.lstrip().startswith(("=", "+", "-", "@"))] == []
