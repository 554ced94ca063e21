"""Write the External Service registration, which contains docs/openapi.json:  make salesforce."""

import json
from pathlib import Path
from xml.sax.saxutils import escape

from local.stack.template import ROOT

DOCUMENT = ROOT / "docs" / "openapi.json"
REGISTRATION = (
    ROOT
    / "salesforce/force-app/main/default/externalServiceRegistrations"
    / "StiggActions.externalServiceRegistration-meta.xml"
)
_FILE = """<?xml version="1.0" encoding="UTF-8" ?>
<ExternalServiceRegistration xmlns="http://soap.sforce.com/2006/04/metadata">
    <description>The Stigg actions, for Flows. Written from docs/openapi.json by make salesforce.</description>
    <label>StiggActions</label>
    <namedCredentialReference>Stigg_Actions</namedCredentialReference>
{operations}
    <registrationProviderType>Custom</registrationProviderType>
    <schema>{schema}</schema>
    <schemaType>OpenApi3</schemaType>
    <status>Complete</status>
</ExternalServiceRegistration>
"""
_OPERATION = """    <operations>
        <active>true</active>
        <name>{name}</name>
    </operations>"""


def main() -> None:
    """Update the registration."""
    REGISTRATION.parent.mkdir(parents=True, exist_ok=True)
    REGISTRATION.write_text(registration(DOCUMENT))


def registration(document: Path) -> str:
    """Return the registration of a document with all its operations. Salesforce writes their names in lower case."""
    schema = document.read_text()
    paths = json.loads(schema)["paths"].values()
    names = sorted(path["post"]["operationId"].lower() for path in paths)
    return _FILE.format(operations="\n".join(_OPERATION.format(name=name) for name in names), schema=escape(schema))


if __name__ == "__main__":
    main()
