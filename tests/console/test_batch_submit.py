"""stigg-actions batch submit: checked whole, sent in pages, answered row by row."""

import csv
from pathlib import Path

import pytest

from console.files.results import COLUMNS
from tests.support.harness import Harness
from tests.support.program import Program, Ran, write_csv

AS_CUSTOMERS = ("--action", "create-customer", "--map", "Id=salesforceAccountId")


def submit(program: Program, file: Path, *options: str) -> Ran:
    """Submit a file of customers."""
    return program.run("batch", "submit", file, *AS_CUSTOMERS, *options)


def results(folder: Path) -> list[dict[str, str]]:
    """Read the one file of results."""
    (path,) = folder.glob("*.results-*.csv")
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def with_customer(program: Program, folder: Path) -> None:
    """Make the customer of the rows."""
    file = write_csv(folder / "c.csv", "customerId", "cust-1")
    program.run("batch", "submit", file, "--action", "create-customer", "--id-column", "customerId")


def test_a_file(program: Program, actions: Harness, customers_file: Path) -> None:
    """Each row takes effect once, and has a line of results with its record id, in the order of the file."""
    ran = submit(program, customers_file, "--page-size", "3", "--json")

    assert (ran.code, ran.document["succeeded"], ran.document["failed"], ran.document["pages"]) == (0, 7, 0, 3)
    assert [(row["Id"], row["outcome"]) for row in results(customers_file.parent)] == [
        (f"0015g00000XyAc{letter}", "created") for letter in "ABCDEFG"
    ]
    assert program.calls("submit-batch") == 3
    assert [kind for kind, _ in actions.operations()] == ["customer"] * 7


def test_for_people(program: Program, customers_file: Path) -> None:
    """Without --json it says in sentences what became of the rows, and where the results are."""
    ran = submit(program, customers_file)

    assert ran.code == 0
    assert "7 of 7 rows succeeded, 0 failed." in ran.out
    assert f"The results are written to {customers_file.parent / 'accounts.results-'}" in ran.err
    assert "Company" not in ran.out + ran.err


def test_rows_that_fail(program: Program, tmp_path: Path) -> None:
    """A row that Stigg refuses has its error in the results and fails alone; the exit code says so."""
    file = write_csv(
        tmp_path / "lines.csv",
        "Id,customerId,planId,billingPeriod,paymentCollectionMethod",
        "00k5g00000LnAaA,cust-1,plan-starter,MONTHLY,Invoice",
        "00k5g00000LnAaB,cust-1,plan-none,,",
    )
    with_customer(program, tmp_path)
    (tmp_path / "results").mkdir()
    options = ("--action", "create-subscription-with-return-data", "--map", "Id=salesforceRecordId")
    ran = program.run("batch", "submit", file, *options, "--results", tmp_path / "results")
    good, bad = results(tmp_path / "results")

    assert ran.code == 1
    assert list(good) == list(COLUMNS)
    assert (good["outcome"], good["errorCode"], good["subscriptionId"][:4]) == ("created", "", "sub-")
    assert (bad["Id"], bad["outcome"], bad["errorCode"]) == ("00k5g00000LnAaB", "failed", "PLAN_NOT_FOUND")
    assert bad["errorMessage"].startswith("PLAN_NOT_FOUND: ")
    assert "PLAN_NOT_FOUND" in ran.out


def test_bad_cells(program: Program, tmp_path: Path) -> None:
    """Every bad cell is named by row, column, value and remedy, and no row is sent; personal values are not shown."""
    file = write_csv(
        tmp_path / "accounts.csv",
        "Id,customerId,E-mail",
        "0015g00000XyAcA,cust 1,jane@example.org",
        "0015g00000XyAcB,cust-2,jane at example.org",
        "short,cust-3,joe@example.org",
    )
    ran = submit(program, file, "--map", "E-mail=email", "--json")

    assert ran.code == 2
    assert ran.document["problems"] == [
        {
            "row": 2,
            "column": "customerId",
            "value": "cust 1",
            "problem": "must start with a letter or digit, and contain only letters, digits and _ | . @ -",
        },
        {
            "row": 3,
            "column": "E-mail",
            "value": "(not shown)",
            "problem": "must be an e-mail address, such as name@example.com",
        },
        {
            "row": 4,
            "column": "Id",
            "value": "short",
            "problem": "is not a Salesforce record id: 15 or 18 letters and digits are expected",
        },
    ]
    assert (program.sent, [*tmp_path.iterdir()]) == ([], [file])
    for_people = submit(program, file, "--map", "E-mail=email")
    assert "cust 1" in for_people.out
    assert "jane" not in for_people.out + for_people.err


def test_a_check_alone(program: Program, customers_file: Path) -> None:
    """With --check-only a good file is counted, no stack is needed, and no file is written."""
    ran = submit(program, customers_file, "--check-only", "--json")

    assert (ran.code, ran.document) == (0, {"success": True, "rows": 7})
    assert (program.targets, [*customers_file.parent.iterdir()]) == ([], [customers_file])


def test_constants_and_columns_left_out(program: Program, actions: Harness, tmp_path: Path) -> None:
    """A field of --set has the same value in every row, and an ignored column is not sent."""
    file = write_csv(tmp_path / "a.csv", "Account,customerId,Notes", "0015g00000XyAcA,cust-1,call back")
    options = ("--set", "name=Acme", "--ignore", "Account", "--ignore", "Notes", "--id-column", "Account")
    ran = program.run("batch", "submit", file, "--action", "create-customer", *options)

    assert ran.code == 0
    assert [one["name"] for one in actions.emulator.state()["customers"]] == ["Acme"]
    assert results(tmp_path)[0]["Id"] == "0015g00000XyAcA"


def test_the_order_of_a_customer(program: Program, actions: Harness, tmp_path: Path) -> None:
    """Rows of one customer are carried out in the order of the file, across pages."""
    lines = [f"cust-1,token-{number},1,{number},PROMOTIONAL,cred-type-tokens" for number in range(5)]
    header = "customerId,idempotencyKey,amount,displayName,grantType,currencyId"
    file = write_csv(tmp_path / "grants.csv", header, *lines)
    with_customer(program, tmp_path)
    options = ("--action", "create-credit-grant", "--id-column", "idempotencyKey", "--page-size", "2")
    ran = program.run("batch", "submit", file, *options)

    assert ran.code == 0, ran.err
    assert [grant["displayName"] for grant in actions.emulator.state()["grants"]] == list("01234")


def test_another_org(program: Program, customers_file: Path) -> None:
    """An organization that the stack does not serve is refused before any row is carried out."""
    ran = submit(program, customers_file, "--org", "00D000000000009EAA")

    assert ran.code == 1
    assert program.sent[0][1]["salesforceOrgId"] == "00D000000000009EAA"
    assert "ORG_NOT_ALLOWED" in ran.err
    assert results(customers_file.parent) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--action", "create-customr"), "Did you mean create-customer?"),
        (("--action", "bogus"), "Give one of adopt-subscription, "),
        (("--action", "create-customer"), "The column 'Id' is not a field of the request. Name its field"),
        ((*AS_CUSTOMERS, "--set", "x"), "--set 'x' is not NAME=VALUE"),
        ((*AS_CUSTOMERS, "--page-size", "201"), "--page-size"),
        ((*AS_CUSTOMERS, "--results", "/nowhere"), "cannot be written: No such file or directory"),
    ],
)
def test_wrong_options(program: Program, customers_file: Path, options: tuple[str, ...], said: str) -> None:
    """Wrong options are refused with their remedy before anything is sent."""
    ran = program.run("batch", "submit", customers_file, *options)

    assert ran.code == 2
    assert said in ran.err
    assert program.sent == []
