"""A company moves over from Stigg's own app: adopt, twice, and compare."""

import csv
from pathlib import Path

import pytest

from tests.support.harness import Harness
from tests.support.network import CrashError
from tests.support.program import Dying, Program, program_of, write_csv
from tests.support.requests import current, in_stigg, sold_in_the_app

HEADER = "Id,AccountId,Stigg_Subscription_ID__c,Stigg_Status__c"
RECORDS = [f"00k00000000000{number}AAA" for number in range(1, 5)]
ACCOUNTS = [f"00100000000000{number}AAA" for number in range(1, 5)]


@pytest.fixture
def names(actions: Harness) -> list[str]:
    """Subscriptions that were sold in the Stigg app, one for each of four customers."""
    for number in range(4):
        actions.stigg_app("POST", "/api/v1/customers", {"id": f"cust-{number}", "name": f"Company {number}"})
    return [sold_in_the_app(actions, f"sub-app-{number}", customerId=f"cust-{number}") for number in range(4)]


@pytest.fixture
def export(names: list[str], tmp_path: Path) -> Path:
    """What Salesforce exports of them."""
    rows = [",".join((RECORDS[n], ACCOUNTS[n], name, "ACTIVE")) for n, name in enumerate(names)]
    return write_csv(tmp_path / "lines.csv", HEADER, *rows)


def results(folder: Path) -> list[list[dict[str, str]]]:
    """Read the files of results, in the order in which they were written."""
    paths = sorted(folder.glob("*.results-*.csv"), key=lambda path: path.stat().st_mtime_ns)
    return [list(csv.DictReader(path.read_text().splitlines())) for path in paths]


def adopted(program: Program, export: Path, *options: str) -> int:
    """Adopt the file; return the exit code."""
    return program.run("adopt", export, "--ignore", "Stigg_Status__c", *options).code


def test_adopted(program: Program, actions: Harness, export: Path, names: list[str]) -> None:
    """A dry run changes nothing, the run adopts each subscription by its metadata alone, and a repeat does nothing."""
    before = [{**in_stigg(actions, name), "metadata": {}, "sent": {}} for name in names]

    codes = [adopted(program, export, "--dry-run"), adopted(program, export), adopted(program, export, "--run", "2")]

    assert codes == [0, 0, 0]
    assert [[row["outcome"] for row in rows] for rows in results(export.parent)] == [
        ["dryRun"] * 4,
        ["adopted"] * 4,
        ["adopted"] * 4,
    ]
    assert [row["Id"] for row in results(export.parent)[1]] == RECORDS
    assert [current(actions, record) for record in RECORDS] == names
    assert [{**in_stigg(actions, name), "metadata": {}, "sent": {}} for name in names] == before
    assert sum(method == "PATCH" for method, _ in actions.writes_to_stigg()) == 4


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.usefixtures("quiet")
def test_killed(
    actions: Harness,
    export: Path,
    names: list[str],
    *,
    at: int,
    answered: bool,
) -> None:
    """A run that dies at either page is continued by the same command, and each subscription is changed once."""
    options = ("--ignore", "Stigg_Status__c", "--page-size", "2")
    with pytest.raises(CrashError):
        program_of(actions, lambda plain: Dying(plain, at=at, answered=answered)).run("adopt", export, *options)

    ran = program_of(actions).run("adopt", export, *options, "--json")

    assert (ran.code, ran.document["pagesKept"], ran.document["pagesRepeated"]) == (0, at, int(answered))
    assert [(row["Id"], row["outcome"]) for row in results(export.parent)[0]] == [(one, "adopted") for one in RECORDS]
    assert [current(actions, record) for record in RECORDS] == names
    assert sum(method == "PATCH" for method, _ in actions.writes_to_stigg()) == 4


def test_one_that_does_not_fit(program: Program, export: Path, actions: Harness) -> None:
    """A record that has another subscription fails alone, with both named; asked to, it is replaced."""
    actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-acme", "name": "Acme"})
    adopted(program, export)
    other = sold_in_the_app(actions, "sub-other", customerId="cust-0", resourceId="w", planId="plan-workspace")
    second = write_csv(export.parent / "second.csv", HEADER, f"{RECORDS[0]},{ACCOUNTS[0]},{other},ACTIVE")

    codes = [adopted(program, second), adopted(program, second, "--replace-mapping")]

    refused, replaced = [rows[0] for rows in results(export.parent)[1:]]
    assert codes == [1, 0]
    assert (refused["errorCode"], other in refused["errorMessage"]) == ("RECORD_IN_USE", True)
    assert (replaced["outcome"], current(actions, RECORDS[0])) == ("adopted", other)


def test_agreement(program: Program, export: Path) -> None:
    """After the move, the export, the mappings and Stigg agree."""
    adopted(program, export)

    ran = program.run("mapping", "compare", export)

    assert (ran.code, ran.out.strip().splitlines()[-1]) == (0, "Salesforce, the mappings and Stigg agree.")


def test_differences(program: Program, actions: Harness, export: Path, names: list[str]) -> None:
    """Each difference is listed with its row: another subscription, another status, no mapping, a stale mapping."""
    adopted(program, export)
    actions.ok("cancel-subscription", {"salesforceRecordId": RECORDS[1], "cancelWhen": "now"})
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{names[2]}/cancel", {"cancellationTime": "IMMEDIATE"})
    rows = [
        f"{RECORDS[0]},,sub-wrong,ACTIVE",
        f"{RECORDS[1]},,{names[1]},ACTIVE",
        f"{RECORDS[2]},,{names[2]},CANCELED",
        "00k000000000009AAA,,sub-gone,ACTIVE",
        "00k00000000000aAAA,,,",
    ]
    file = write_csv(export.parent / "after.csv", HEADER, *rows)

    ran = program.run("mapping", "compare", file, "--json")

    assert ran.code == 1
    assert [(one["row"], one["field"], one["found"]) for one in ran.document["differences"]] == [
        (2, "subscriptionId", names[0]),
        (3, "status", "CANCELED"),
        (4, "mapping", "ACTIVE"),
        (5, "subscriptionId", "MAPPING_NOT_FOUND"),
    ]


def test_for_people(program: Program, export: Path) -> None:
    """Without --json, the differences are a table and a sentence."""
    ran = program.run("mapping", "compare", export)

    assert ran.code == 1
    assert "MAPPING_NOT_FOUND" in ran.out
    assert ran.out.strip().splitlines()[-1] == "4 differences."


def test_a_missing_column(program: Program, tmp_path: Path) -> None:
    """A file without a column for the record or the subscription is refused with the option that names it."""
    ran = program.run("mapping", "compare", write_csv(tmp_path / "a.csv", "Record,Stigg_Subscription_ID__c", "x,y"))

    assert (ran.code, program.sent) == (2, [])
    assert "--map COLUMN=salesforceRecordId" in ran.err


def test_a_column_by_another_name(program: Program, export: Path) -> None:
    """A column that --map names holds the record, even if there is a column Id."""
    adopted(program, export)
    line = f"800000000000001AAA,sub-app-0,{RECORDS[0]}"
    file = write_csv(export.parent / "b.csv", "Id,Stigg_Subscription_ID__c,Record", line)

    assert program.run("mapping", "compare", file, "--map", "Record=salesforceRecordId").code == 0


def test_rows_that_cannot_be_compared(program: Program, tmp_path: Path) -> None:
    """The whole export is checked first: each bad row is listed by row and column, and none is asked for."""
    rows = [f"{RECORDS[0]},sub-1", "not-an-id,sub-2", ",sub-3", RECORDS[1]]
    file = write_csv(tmp_path / "a.csv", "Id,Stigg_Subscription_ID__c", *rows)

    ran = program.run("mapping", "compare", file, "--json")

    assert (ran.code, program.sent) == (2, [])
    assert [(one["row"], one["column"]) for one in ran.document["problems"]] == [(3, "Id"), (4, "Id"), (5, "")]
    assert ran.document["problems"][1]["problem"] == "is required"


@pytest.mark.parametrize(
    "header",
    [
        "Id,Opportunity.AccountId,Stigg_Subscription_Id__c",
        '"ID","OPPORTUNITY.ACCOUNTID","STIGG_SUBSCRIPTION_ID__C"',
        "salesforceRecordId,salesforceAccountId,subscriptionId",
    ],
    ids=["Salesforce CLI", "Data Loader", "fields"],
)
def test_columns_as_salesforce_exports_them(
    program: Program, actions: Harness, names: list[str], tmp_path: Path, header: str
) -> None:
    """An export is adopted and compared as it is: with the way to a field, in capitals, with short ids."""
    rows = [",".join((RECORDS[n][:15], ACCOUNTS[n][:15], name)) for n, name in enumerate(names)]
    file = write_csv(tmp_path / "lines.csv", header, *rows)
    codes = [program.run(*command, file).code for command in (["adopt"], ["mapping", "compare"])]

    assert codes == [0, 0]
    assert [current(actions, record) for record in RECORDS] == names
    assert actions.ok("get-customer", {"salesforceAccountId": ACCOUNTS[3]})["customerId"] == "cust-3"


def test_results_for_data_loader(program: Program, actions: Harness, export: Path, names: list[str]) -> None:
    """The results have all that is loaded into the lines: subscription, its status and end, and the customer."""
    end = "2099-12-31T23:59:59Z"
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{names[1]}", {"cancellationDate": end})
    adopted(program, export)

    rows = results(export.parent)[0]
    assert next(iter(rows[0])) == "Id"
    assert [(row["subscriptionId"], row["status"], row["customerId"]) for row in rows] == [
        (name, "ACTIVE", f"cust-{number}") for number, name in enumerate(names)
    ]
    assert [row["cancellationDate"] for row in rows] == ["", end, "", ""]


def test_rows_that_contradict_each_other(program: Program, names: list[str], tmp_path: Path) -> None:
    """A subscription in two rows is refused with both; a record in two rows only where one replaces the other."""
    rows = [f"{RECORDS[0]},{names[0]}", f"{RECORDS[1]},{names[0]}", f"{RECORDS[0][:15]},{names[2]}"]
    file = write_csv(tmp_path / "lines.csv", "Id,Stigg_Subscription_ID__c", *rows)

    ran = program.run("adopt", file, "--json")
    replacing = program.run("adopt", file, "--json", "--replace-mapping")

    twice = (3, "Stigg_Subscription_ID__c", names[0])
    assert (ran.code, replacing.code, program.sent) == (2, 2, [])
    found = [
        [tuple(one[name] for name in ("row", "column", "value")) for one in of["problems"]]
        for of in (ran.document, replacing.document)
    ]
    assert found == [[twice], [twice, (4, "Id", RECORDS[0][:15])]]
    assert ran.document["problems"][0]["problem"].startswith("is in row 2, too. A subscription belongs to one record")
