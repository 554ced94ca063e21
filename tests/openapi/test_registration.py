"""The External Service registration offers the operations of the document, and holds the document itself."""

from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from scripts.openapi.registration import Registration, check
from tests.support.spoiled_documents import PUBLISHED

NAMES = [operation.id.lower() for operation in PUBLISHED.operations]
FILE = """<?xml version="1.0" encoding="UTF-8"?>
<ExternalServiceRegistration xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>StiggActions</label>
    {operations}
    <schema>{schema}</schema>
    <schemaType>OpenApi3</schemaType>
    <status>Complete</status>
</ExternalServiceRegistration>
"""


def registration(
    *, name: str = "StiggActions", operations: list[str] = NAMES, schema: str = PUBLISHED.text
) -> Registration:
    """Return a registration of the published document, or of something else."""
    offered = "".join(f"<operations><active>true</active><name>{each}</name></operations>" for each in operations)
    return Registration(name, FILE.format(operations=offered, schema=escape(schema)))


@pytest.mark.parametrize("name", ["StiggActions", "Stigg_Actions2", "S"])
def test_good(name: str) -> None:
    """A registration of the document as it is has nothing wrong."""
    assert check(registration(name=name), PUBLISHED) == []


@pytest.mark.parametrize("name", ["Stigg Actions", "Stigg__Actions", "StiggActions_", "2Stigg", "S" * 81])
def test_name(name: str) -> None:
    """ES28: the name must be one that Apex classes can be named after."""
    (finding,) = check(registration(name=name), PUBLISHED)

    assert (finding.rule, finding.where) == ("ES28", f"registration {name}")


def test_operations() -> None:
    """ES27: an operation that is not offered, and one that is no operation of the document, are both told."""
    found = check(registration(operations=["createCustomer", *NAMES[1:]]), PUBLISHED)

    assert [(finding.rule, finding.where, finding.problem) for finding in found] == [
        ("ES27", "registration createCustomer", "is offered, but the document has no such operation"),
        ("ES27", "registration createcustomer", "is not offered"),
    ]


def test_document() -> None:
    """ES27: another document than the published one is told, even if it says the same."""
    (finding,) = check(registration(schema=PUBLISHED.text.replace("  ", " ")), PUBLISHED)

    assert (finding.rule, finding.where) == ("ES27", "registration schema")


def test_file(tmp_path: Path) -> None:
    """A registration is read from a file of a Salesforce DX project, whose name begins with the service's."""
    path = tmp_path / "StiggActions.externalServiceRegistration-meta.xml"
    path.write_text(registration().text)

    assert Registration.read(path) == registration()
