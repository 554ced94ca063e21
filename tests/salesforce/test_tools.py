"""The Salesforce project against the field's own tools."""

import shutil
from pathlib import Path

from local.stack.template import ROOT
from tests.support.node import run_node

FLOWS = sorted(str(path) for path in (ROOT / "salesforce").rglob("*.flow-meta.xml"))
PRETTIER = ("prettier", "--config", "node/prettier.json", "--check")


def test_the_flow_scanner_finds_nothing() -> None:
    """The Lightning Flow Scanner reads every flow, and has nothing to say."""
    result = run_node("node", "node/scan-flows.mjs", *FLOWS)

    assert (result.returncode, result.stdout) == (0, f"{len(FLOWS)} flows scanned\n"), result.stderr


def test_the_flow_scanner_is_heard(tmp_path: Path) -> None:
    """What the scanner finds in a flow comes back: here, a query without a fault path."""
    broken = tmp_path / "Stigg_Closed_Won.flow-meta.xml"
    flow = next(path for path in FLOWS if path.endswith(broken.name))
    broken.write_text(Path(flow).read_text().replace("faultConnector>", "connector>"))

    assert "Stigg_Closed_Won: MissingFaultPath: " in run_node("node", "node/scan-flows.mjs", str(broken)).stdout


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
