"""What runs in billing alone is imported from a file: customers, and subscriptions after their customers."""

import csv
import json
from pathlib import Path

import pytest

from tests.support.harness import Harness
from tests.support.network import CrashError
from tests.support.program import Dying, Program, program_of, write_csv
from tests.support.requests import current

HEADER = "Id,AccountId,customerName,customerBillingId,planId,billingPeriod,startDate,addons,Balance"
RECORDS = [f"00k00000000000{number}AAA" for number in range(1, 6)]
ACCOUNTS = ["001000000000001AAA", "001000000000001AAA", "001000000000002AAA", "001000000000003AAA"]
SEATS = '"[{""id"": ""addon-seats"", ""quantity"": 3}]"'
PLANS = ["plan-growth", "plan-workspace", "plan-growth", "plan-starter"]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """What billing exports: four subscriptions of three customers, one of whom has two."""
    rows = []
    for number, (account, plan) in enumerate(zip(ACCOUNTS, PLANS, strict=True)):
        addons = SEATS if plan == "plan-growth" else ""
        billed = f"Company {account[14]},cus_{account[14]}"
        resource = "desk" if plan == "plan-workspace" else ""
        rows.append(f"{RECORDS[number]},{account},{billed},{plan},MONTHLY,2024-02-01,{addons},12.50,{resource}")
    return write_csv(tmp_path / "billing.csv", f"{HEADER},resourceId", *rows)


def results(folder: Path) -> list[list[dict[str, str]]]:
    """Read the files of results, in the order in which they were written."""
    paths = sorted(folder.glob("*.results-*.csv"), key=lambda path: path.stat().st_mtime_ns)
    return [list(csv.DictReader(path.read_text().splitlines())) for path in paths]


def sent(actions: Harness) -> dict[str, int]:
    """How often Stigg accepted each kind of import."""
    paths = [path for _, path in actions.writes_to_stigg()]
    return {what: paths.count(f"/api/v1/{what}/import") for what in ("customers", "subscriptions")}


def test_imported(program: Program, actions: Harness, export: Path) -> None:
    """A dry run changes nothing, the run imports customers and subscriptions, and a repeat imports nothing."""
    first = program.run("import", export, "--ignore", "Balance", "--dry-run")
    before = sent(actions)
    codes = [program.run("import", export, "--ignore", "Balance", *more).code for more in ((), ("--run", "2"))]

    assert (first.code, codes) == (0, [0, 0])
    assert [[row["outcome"] for row in rows] for rows in results(export.parent)] == [
        ["dryRun"] * 4,
        ["imported"] * 4,
        ["imported"] * 4,
    ]
    assert [row["Id"] for row in results(export.parent)[1]] == RECORDS[:4]
    assert [current(actions, record) for record in RECORDS[:4]] == [
        row["subscriptionId"] for row in results(export.parent)[1]
    ]
    assert (before, sent(actions)) == ({"customers": 0, "subscriptions": 0}, {"customers": 3, "subscriptions": 4})
    assert actions.invoke("reconcile", {"dryRun": True})["mended"] == []


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.usefixtures("quiet")
def test_killed(
    actions: Harness,
    export: Path,
    *,
    answered: bool,
) -> None:
    """A run that dies at its second page is continued by the same command, and each row is imported once."""
    options = ("--ignore", "Balance", "--page-size", "2")
    with pytest.raises(CrashError):
        program_of(actions, lambda plain: Dying(plain, at=1, answered=answered)).run("import", export, *options)

    ran = program_of(actions).run("import", export, *options, "--json")

    assert (ran.code, ran.document["pagesKept"], ran.document["pagesRepeated"]) == (0, 1, int(answered))
    assert [row["outcome"] for row in results(export.parent)[0]] == ["imported"] * 4
    assert sent(actions) == {"customers": 3, "subscriptions": 4}


def test_one_row_fails(program: Program, actions: Harness, export: Path) -> None:
    """A row that Stigg's data refuses fails with its reason, and the others are imported."""
    actions.stigg_app("POST", "/api/v1/customers", {"id": ACCOUNTS[3], "name": "Company 3"})
    sold = {"id": "sub-app", "customerId": ACCOUNTS[3], "planId": "plan-growth", "billingPeriod": "MONTHLY"}
    actions.stigg_app("POST", "/api/v1/subscriptions", sold | {"paymentCollectionMethod": "NONE"})
    done = program.run("import", export, "--ignore", "Balance", "--json")

    (rows,) = results(export.parent)
    assert (done.code, json.loads(done.out)["errorCodes"]) == (1, {"INVALID_REQUEST": 1})
    assert "adopt-subscription" in rows[3]["errorMessage"]
    assert [row["outcome"] for row in rows[:3]] == ["imported"] * 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"2024-02-01": "1 Feb"}, "startDate"),
        ({"2024-02-01": "45323"}, "startDate"),
        ({"2024-02-01": "2/1/2024"}, "startDate"),
        ({RECORDS[1]: RECORDS[0]}, "is in row 2, too. A record has one imported subscription"),
        ({"plan-starter": ""}, "planId"),
        ({"001000000000003AAA": "003000000000003AAA"}, "AccountId"),
        ({"MONTHLY": "weekly"}, "billingPeriod"),
    ],
    ids=str,
)
def test_bad_cells(program: Program, actions: Harness, export: Path, changes: dict[str, str], said: str) -> None:
    """A bad cell is named with its column, and no row is sent."""
    text = export.read_text()
    for old, new in changes.items():
        text = text.replace(old, new)
    export.write_text(text)
    done = program.run("import", export, "--ignore", "Balance")

    assert (done.code, said in done.out) == (2, True)
    assert sent(actions) == {"customers": 0, "subscriptions": 0}


def test_customers(program: Program, actions: Harness, tmp_path: Path) -> None:
    """Customers without subscriptions are imported from a file of their own; those that Stigg has are left alone."""
    actions.stigg_app("POST", "/api/v1/customers", {"id": ACCOUNTS[0], "name": "Known"})
    lines = [f"{account},Company,cus_{account[14]}" for account in ACCOUNTS[1:]]
    file = write_csv(tmp_path / "accounts.csv", "Id,Name,cus", *lines)
    done = program.run("import", file, "--customers", "--map", "Name=name", "--map", "cus=billingId")

    (rows,) = results(tmp_path)
    assert (done.code, [row["outcome"] for row in rows]) == (0, ["unchanged", "imported", "imported"])
    assert [row["Id"] for row in rows] == ACCOUNTS[1:]
    assert [one["name"] for one in actions.emulator.state()["customers"]] == ["Known", "Company", "Company"]


def test_customers_of_records(program: Program, actions: Harness, tmp_path: Path) -> None:
    """A file of customers that has records too is linked by its accounts."""
    file = write_csv(tmp_path / "lines.csv", "Id,AccountId,name", f"{RECORDS[0]},{ACCOUNTS[0]},Company")
    done = program.run("import", file, "--customers")

    assert (done.code, results(tmp_path)[0][0]["Id"]) == (0, RECORDS[0])
    assert actions.ok("get-customer", {"salesforceAccountId": ACCOUNTS[0]})["customerId"] == ACCOUNTS[0]


def test_check_only(program: Program, actions: Harness, export: Path) -> None:
    """The file can be checked alone."""
    done = program.run("import", export, "--ignore", "Balance", "--check-only")

    assert (done.code, "4 good rows" in done.out) == (0, True)
    assert actions.operations() == []
