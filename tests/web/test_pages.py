"""The main job of each page of the web console, in a real browser."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.batch_requests import customers, entry, submit
from tests.support.harness import Harness
from tests.support.operators import blocked, listed
from tests.support.program import write_csv
from tests.support.requests import LINE, sold
from tests.web.conftest import Console, LambdaApi

HOSTILE = "<img src=x onerror=document.title='hacked'>"


@pytest.fixture
def entered(page: Page, writing: Console) -> Page:
    """The page, after the link of the console that may write was opened in it."""
    page.goto(writing.link)
    return page


def test_overview(entered: Page, writing: Console, actions: Harness) -> None:
    """The overview checks the stack and counts what needs attention, and the count leads to the list behind it."""
    blocked(actions)
    entered.goto(f"{writing.origin}/")
    expect(entered.get_by_text("checks passed")).to_be_visible()
    entered.get_by_role("link", name="1 Failed operations").click()

    expect(entered).to_have_url(f"{writing.origin}/operations?status=failed")
    expect(entered.get_by_role("row").filter(has_text="OPEN_INVOICE")).to_be_visible()


def test_finding_operations(entered: Page, writing: Console, actions: Harness) -> None:
    """Operations are found by their record, and the list keeps its filters in its address."""
    sold(actions)
    entered.goto(f"{writing.origin}/operations")
    expect(entered.get_by_text("There are no such operations.")).to_be_visible()
    entered.get_by_label("Salesforce record").fill(LINE)
    entered.get_by_role("button", name="Show").click()

    expect(entered.get_by_role("link", name="Create subscription")).to_be_visible()
    assert f"record={LINE}" in entered.url


def test_replaying_a_failed_operation(entered: Page, writing: Console, actions: Harness) -> None:
    """A failed operation says why and what to do; once its cause is gone, a confirmed replay makes it succeed."""
    owing = blocked(actions)
    (operation,) = listed(actions, status="failed")["operations"]
    entered.goto(f"{writing.origin}/operation?key={operation['operationKey']}")
    expect(entered.get_by_text("mark-invoice-paid, then replay it.")).to_be_visible()
    expect(entered.get_by_text('"planId": "plan-starter"')).to_be_visible()
    expect(entered.get_by_role("link", name="Open the customer")).to_have_attribute("href", re.compile("/cust-acme$"))
    actions.emulator.invoice(owing, "PAID")
    entered.get_by_role("button", name="Replay …").click()
    entered.get_by_role("button", name="Cancel").click()
    entered.get_by_role("button", name="Replay …").click()
    entered.get_by_role("button", name="Replay now").click()

    expect(entered.get_by_text("The operation was replayed, and took effect.")).to_be_visible()
    expect(entered.get_by_text("SUCCEEDED", exact=True)).to_be_visible()
    assert listed(actions, status="failed")["operations"] == []


def test_a_mapping_that_differs(entered: Page, writing: Console, actions: Harness) -> None:
    """A difference between the mapping and Stigg is marked; after the customer's mappings are rebuilt it is gone."""
    subscription_id = sold(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{subscription_id}/cancel", {"cancellationTime": "IMMEDIATE"})
    record = f"{writing.origin}/record?record={LINE}"
    entered.goto(record)
    expect(entered.get_by_role("row").filter(has_text="Status")).to_contain_text("differs")
    entered.get_by_role("link", name="cust-acme").click()
    entered.get_by_role("button", name="Rebuild …").click()
    entered.get_by_role("button", name="Rebuild now").click()
    expect(entered.get_by_text("corrected")).to_be_visible()
    entered.goto(record)

    expect(entered.get_by_text("The mapping and Stigg agree.")).to_be_visible()
    expect(entered.get_by_role("listitem").filter(has_text="Created")).to_be_visible()


def give(page: Page, console: Console, path: Path, action: str) -> None:
    """Choose a file and an action."""
    page.goto(f"{console.origin}/batches")
    page.get_by_label("Action of every row").click()
    page.get_by_role("option", name=action, exact=True).click()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text(f"{path.name} is ready.")).to_be_visible()


def test_a_file_with_bad_cells(entered: Page, writing: Console, tmp_path: Path, lambda_api: LambdaApi) -> None:
    """Bad cells are listed, as text and never as HTML, and no row is sent."""
    bad = write_csv(tmp_path / "bad.csv", "Id,customerId,billingCurrency", f"0015g00000XyAcA,cust-1,{HOSTILE}")
    give(entered, writing, bad, "create-customer")
    entered.get_by_text("Columns with other names").click()
    entered.get_by_label("Columns, one a line").fill("Id=salesforceAccountId")
    entered.get_by_role("button", name="Check the file").click()

    expect(entered.get_by_role("row").filter(has_text="billingCurrency")).to_contain_text(HOSTILE[:30])
    assert entered.locator("main img").count() == 0
    assert "submit-batch" not in lambda_api.invoked


def test_a_file_to_its_end(entered: Page, writing: Console, actions: Harness, tmp_path: Path) -> None:
    """A file is sent after a confirmation and watched to its end; the rows that failed can be sent again."""
    sold(actions)
    rows = [f"{LINE},cust-acme,sub-none", "00k000000000009AAA,cust-acme,sub-nowhere"]
    file = write_csv(tmp_path / "adopt.csv", "salesforceRecordId,customerId,subscriptionId", *rows)
    give(entered, writing, file, "adopt-subscription")
    entered.get_by_role("button", name="Send …").click()
    entered.get_by_role("button", name="Send now").click()
    expect(entered.get_by_text("0 of 2 rows succeeded, 2 failed.")).to_be_visible()
    with entered.expect_download() as downloading:
        entered.get_by_role("link", name="Download the rows that failed").click()
    downloaded = list(csv.reader(io.StringIO(downloading.value.path().read_text())))
    first = entered.url
    entered.get_by_role("button", name="Send the failed rows again").click()

    expect(entered).not_to_have_url(first)
    expect(entered.get_by_text("0 of 2 rows succeeded, 2 failed.")).to_be_visible()
    assert [",".join(cells) for cells in downloaded[1:]] == rows


def test_a_batch_to_its_end(entered: Page, writing: Console, actions: Harness) -> None:
    """A batch of a Flow is followed to its end, and its failed requests are listed."""
    batch = submit(actions, [*customers(3), entry("create-customer", customerId="bad", email="none")])
    entered.goto(f"{writing.origin}/batch?id={batch['batchId']}")
    expect(entered.get_by_text("of 4 requests have a result")).to_be_visible()
    actions.ok("get-batch", {"batchId": batch["batchId"], "waitSeconds": 20})

    expect(entered.get_by_text("4 of 4 requests have a result")).to_be_visible()
    expect(entered.get_by_role("row").filter(has_text="INVALID_REQUEST")).to_be_visible()


def test_read_only(page: Page, reading: Console, actions: Harness, lambda_api: LambdaApi) -> None:
    """A console without --write refuses a replay, also if the page is tampered with so that it asks for one."""
    blocked(actions)
    (operation,) = listed(actions, status="failed")["operations"]
    page.goto(reading.link)
    page.goto(f"{reading.origin}/operation?key={operation['operationKey']}")
    expect(page.get_by_role("button", name="Replay …")).to_be_disabled()
    page.evaluate("document.querySelectorAll('button[disabled]').forEach(button => button.disabled = false)")
    page.get_by_role("button", name="Replay …").click()
    page.get_by_role("button", name="Replay now").click()

    expect(page.get_by_text("The replay failed. This console is read-only.")).to_be_visible()
    assert "replay-operation" not in lambda_api.invoked


@pytest.mark.parametrize("path", ["/", "/operations", "/record", "/batches"])
def test_every_window(entered: Page, writing: Console, path: str) -> None:
    """A page has a language, one heading and labels, fits into 400 pixels, and is dark where the system is."""
    entered.set_viewport_size({"width": 400, "height": 800})
    entered.emulate_media(color_scheme="dark")
    entered.goto(f"{writing.origin}{path}")
    expect(entered.get_by_role("heading", level=1)).to_have_count(1)
    background = entered.evaluate("getComputedStyle(document.body).backgroundColor")

    assert entered.evaluate("document.documentElement.scrollWidth") <= 400
    assert background == "rgb(18, 22, 28)"
    assert entered.locator("html").get_attribute("lang") == "en-US"
    unlabeled = (
        "[...document.querySelectorAll('main input:not([type=file]), main select')].filter(e => !e.labels.length)"
    )
    assert entered.evaluate(f"{unlabeled}.map(e => e.outerHTML)") == []
    entered.keyboard.press("Tab")
    expect(entered.get_by_role("link", name="Skip to the content")).to_be_focused()
