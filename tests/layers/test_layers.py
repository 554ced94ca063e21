"""The layers as built: only what runs, compiled, for the right processor, and alone enough for every function."""

import hashlib
import importlib.util
import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from local.stack.sam import machine_architecture
from local.stack.template import ROOT
from tests.support.builds import LAYERS, Builds
from tests.support.some import some

ELF_MACHINES = {"x86_64": 62, "arm64": 183}
UNCHECKED_HASH = 1
# Bytes unpacked and zipped. They may fall; a rise needs a reason, for every cold start loads them.
SIZES = {"DependenciesLayer": (18_450_000, 7_000_000), "SharedLayer": (3_597_000, 1_701_000)}
# Modules that are loaded once a function is imported, some 400 of them boto3's: what a cold start is made of. As above.
MODULES = {
    "adopt_subscription": 592,
    "apply_ramp_steps": 616,
    "archive_contract": 582,
    "archive_customer": 592,
    "cancel_scheduled_update": 587,
    "cancel_subscription": 587,
    "check_connection": 564,
    "create_credit_grant": 584,
    "create_customer": 583,
    "create_subscription": 595,
    "create_subscription_with_return_data": 595,
    "downgrade_subscription": 604,
    "forget_customer": 575,
    "get_batch": 570,
    "get_customer": 579,
    "get_subscription": 573,
    "grant_promotional_entitlement": 586,
    "handle_webhook": 582,
    "import_customer": 583,
    "import_subscription": 594,
    "list_operations": 572,
    "mark_invoice_paid": 586,
    "merge_customers": 610,
    "migrate_subscription": 588,
    "preview_subscription": 573,
    "provision_contract": 600,
    "provision_opportunity": 667,
    "publish_events": 570,
    "receive_webhook": 566,
    "reconcile": 573,
    "renew_subscription": 610,
    "replay_operation": 577,
    "report_usage": 584,
    "reschedule_cancellation": 588,
    "revoke_promotional_entitlement": 586,
    "run_batch": 571,
    "set_subscription_metadata": 587,
    "submit_batch": 577,
    "transfer_subscription": 590,
    "delegate_subscription": 595,
    "trigger_workflow": 570,
    "update_subscription": 590,
    "void_credit_grant": 584,
}
NEVER = {"stigg", "aws_xray_sdk", "click", "rich"}
"""What must not be loaded: it costs more than all that is ours."""

on_both_processors = pytest.mark.parametrize("architecture", sorted(ELF_MACHINES))
of_both_layers = pytest.mark.parametrize("layer", LAYERS)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@on_both_processors
def test_native_code_matches(builds: Builds, architecture: str) -> None:
    """Every native module is for the processor that the layer was built for."""
    native = list(builds.layer("DependenciesLayer", architecture).rglob("*.so"))
    machines = {int.from_bytes(path.read_bytes()[18:20], "little") for path in native}

    assert machines == {ELF_MACHINES[architecture]}


@of_both_layers
def test_only_what_runs(builds: Builds, layer: str) -> None:
    """No tests, type stubs, console scripts or installer's notes are shipped."""
    unwanted = {"tests", "bin", "RECORD", "INSTALLER", "REQUESTED", "py.typed"}
    shipped = [path.relative_to(builds.layer(layer, "arm64")) for path in _files(builds.layer(layer, "arm64"))]

    assert [path for path in shipped if unwanted & set(path.parts) and layer == "DependenciesLayer"] == []
    assert [path for path in shipped if path.suffix in {".pyi", ".pth"}] == []


@of_both_layers
def test_everything_is_compiled(builds: Builds, layer: str) -> None:
    """Every module has bytecode that Python takes without looking at the source's date, and it is that source's."""
    sources = list(builds.layer(layer, "arm64").rglob("*.py"))

    assert sources
    for source in some(sources):
        bytecode = Path(importlib.util.cache_from_source(str(source))).read_bytes()
        assert bytecode[:4] == importlib.util.MAGIC_NUMBER, source
        assert int.from_bytes(bytecode[4:8], "little") == UNCHECKED_HASH, source
        assert bytecode[8:16] == importlib.util.source_hash(source.read_bytes()), source


@of_both_layers
def test_size(builds: Builds, layer: str) -> None:
    """A layer stays under its committed size, unpacked and zipped."""
    files = _files(builds.layer(layer, "arm64"))
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in files:
            zipped.write(path, path.relative_to(builds.layer(layer, "arm64")))
    unpacked = sum(path.stat().st_size for path in files)

    assert (unpacked < SIZES[layer][0], archive.tell() < SIZES[layer][1]) == (True, True), (unpacked, archive.tell())


def _digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(folder)}


def test_reproducible(builds: Builds) -> None:
    """Two builds of the same sources are the same, byte for byte."""
    again = builds.again("arm64")

    for layer in LAYERS:
        assert _digests(builds.layer(layer, "arm64")) == _digests(again / layer)


@pytest.mark.parametrize("folder", sorted(path.parent for path in (ROOT / "functions").glob("*/app.py")))
def test_layers_are_enough(builds: Builds, folder: Path) -> None:
    """A function imports in a fresh interpreter that sees its folder and the layers; and little."""
    layers = [str(builds.layer(layer, machine_architecture()) / "python") for layer in LAYERS]
    path = [str(folder), *layers]
    program = f"import sys; sys.path[:0] = {json.dumps(path)}; import app; print(callable(app.handler), *sys.modules)"
    result = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-I", "-S", "-B", "-c", program], capture_output=True, text=True, check=False
    )

    is_callable, *modules = result.stdout.split()

    assert (is_callable, result.stderr) == ("True", "")
    assert len(modules) <= MODULES[folder.name]
    assert NEVER & set(modules) == set()
