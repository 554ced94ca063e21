"""The Salesforce project against the field's own tools."""

import shutil
from pathlib import Path

from local.stack.template import ROOT
from tests.support.node import run_node

FLOWS = sorted(str(path) for path in (ROOT / "salesforce").rglob("*.flow-meta.xml"))
CANCEL = "Stigg_Cancel_Lost_Renewal"
FOUND_BY_THE_SCANNER = (
    (CANCEL, ">Active<", ">Draft<", f"{CANCEL}: InactiveFlow: Draft"),
    (CANCEL, "    <description>", "    <label>", f"{CANCEL}: FlowDescription: undefined"),
    (CANCEL, ">Record_Refusal</t", ">Record_Fault</t", f"{CANCEL}: UnconnectedElement: Record_Refusal"),
    (CANCEL, "endOfBillingPeriod", "0015g00000XyAcMAAV", f"{CANCEL}: HardcodedId: CancelWhen"),
    (CANCEL, "endOfBillingPeriod", "https://a.my.salesforce.com", f"{CANCEL}: HardcodedUrl: CancelWhen"),
    (
        "Stigg_Amendment",
        "What_Is_Removed</targetReference>\n        </nextValueConnector>",
        "Update_Subscription</targetReference>\n        </nextValueConnector>",
        "Stigg_Amendment: ActionCallsInLoop: Update_Subscription",
    ),
)
PRETTIER = ("prettier", "--config", "node/prettier.json", "--check")


def test_the_flow_scanner_finds_nothing() -> None:
    """The Lightning Flow Scanner reads every flow, and has nothing to say."""
    result = run_node("node", "node/scan-flows.mjs", *FLOWS)

    assert (result.returncode, result.stdout) == (0, f"{len(FLOWS)} flows scanned\n"), result.stderr


def test_the_flow_scanner_finds_breakages(tmp_path: Path) -> None:
    """The scanner finds every breakage that no rule of this project looks for."""
    copies = []
    for number, (flow, old, new, _) in enumerate(FOUND_BY_THE_SCANNER):
        path = next(Path(path) for path in FLOWS if Path(path).name.startswith(f"{flow}."))
        copies.append(tmp_path / str(number) / path.name)
        copies[-1].parent.mkdir()
        copies[-1].write_text(path.read_text().replace(old, new, 1))
    findings = run_node("node", "node/scan-flows.mjs", *map(str, copies)).stdout.splitlines()

    assert [finding for *_, finding in FOUND_BY_THE_SCANNER if finding not in findings] == []


def test_files_are_formatted() -> None:
    """Every file is laid out as prettier's XML plugin does it, but for the registration, which holds the document."""
    result = run_node(*PRETTIER, "salesforce/**/*.xml", "!salesforce/**/externalServiceRegistrations/**")

    assert result.returncode == 0, result.stderr


def test_prettier_finds_malformed_files(tmp_path: Path) -> None:
    """A file that is no XML, or laid out in another way, is refused."""
    flow = Path(shutil.copy(FLOWS[0], tmp_path))
    assert run_node(*PRETTIER, str(flow)).returncode == 0

    flow.write_text(flow.read_text().replace("    <status>", "<status>"))
    assert run_node(*PRETTIER, str(flow)).returncode != 0

    flow.write_text(flow.read_text().replace("</status>", ""))
    assert run_node(*PRETTIER, str(flow)).returncode != 0
