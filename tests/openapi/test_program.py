"""The program that checks a document: what it prints, and how it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.stack.template import ROOT
from scripts.openapi.document import DOCUMENT
from tests.support.spoiled_documents import TEXT, Json, named, spoiled, with_field, without

LOST = "lost property customerUrl; a Flow that reads it cannot be saved or fails"


def run(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    """Run the program on files."""
    command = [sys.executable, "-m", "scripts.openapi.check", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own program


def customer(content: Json) -> Json:
    """Find the properties of an answer."""
    found: Json = named("CustomerResult")(content)["properties"]
    return found


def test_warnings() -> None:
    """What only warns is printed, and the program ends with 0."""
    ran = run(DOCUMENT)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert {line.split(":")[0] for line in ran.stdout.splitlines()} == {"ES08 warning"}


@pytest.mark.parametrize(
    "expected",
    [
        "ES08 error: Money.postal_code: is named 'postal_code'; a Flow shows it as postalx5fcode",
        f"ES26 error: Flow action StiggActions.createCustomer: output 200: {LOST}",
        "ES27 error: registration schema: is not the text of the published document",
    ],
    ids=["rule", "break", "registration"],
)
def test_errors(tmp_path: Path, expected: str) -> None:
    """A breach of a rule, a break and a wrong registration are printed as errors, and the program ends with 1."""
    document, registration = tmp_path / "openapi.json", tmp_path / "Stigg.externalServiceRegistration-meta.xml"
    document.write_text(spoiled(with_field("postal_code", TEXT), without(customer, "customerUrl")).text)
    registration.write_text("<ExternalServiceRegistration/>")
    ran = run(document, "--released", DOCUMENT, "--registration", registration)

    assert (ran.returncode, ran.stderr) == (1, "")
    assert expected in ran.stdout.splitlines()
