"""Check an OpenAPI document for Salesforce External Services.

    python -m scripts.openapi.check docs/openapi.json --released docs/openapi-released.json

Prints what it finds, one line each, and exits with status 1 if anything of it is an error. With `--released`, what
would break Flows that were built on that document is found too; with `--registration`, what is wrong with the External
Service registration that holds the document.
"""

import argparse
import sys
from pathlib import Path

from scripts.openapi import compatibility, registration, rules_operations, rules_schemas
from scripts.openapi.findings import Finding, Rule
from scripts.openapi.reading import Document
from scripts.openapi.registration import Registration

RULES = (
    Rule("ES01", "error", rules_operations.version),
    Rule("ES02", "error", rules_operations.size),
    Rule("ES03", "error", rules_operations.methods),
    Rule("ES04", "error", rules_operations.operation_ids),
    Rule("ES05", "error", rules_operations.media_types),
    Rule("ES06", "error", rules_schemas.local_references),
    Rule("ES06", "error", rules_schemas.cycles),
    Rule("ES07", "error", rules_operations.parameters),
    Rule("ES08", "error", rules_schemas.names),
    Rule("ES08", "warning", rules_schemas.reserved_names),
    Rule("ES09", "error", rules_schemas.distinct_names),
    Rule("ES10", "error", rules_schemas.simple_shapes),
    Rule("ES11", "error", rules_schemas.simple_lists),
    Rule("ES12", "error", rules_schemas.later_words),
    Rule("ES13", "error", rules_operations.response_bodies),
    Rule("ES13", "error", rules_operations.no_empty_answer),
    Rule("ES14", "error", rules_operations.outcomes),
    Rule("ES14", "error", rules_operations.one_error_body),
    Rule("ES15", "warning", rules_operations.response_headers),
    Rule("ES16", "warning", rules_schemas.enums),
    Rule("ES17", "warning", rules_schemas.numbers),
    Rule("ES18", "error", rules_schemas.moments),
    Rule("ES19", "warning", rules_schemas.descriptions),
    Rule("ES20", "warning", rules_schemas.depth),
    Rule("ES21", "error", rules_operations.servers),
    Rule("ES22", "warning", rules_operations.agents),
    Rule("ES23", "warning", rules_operations.parameter_style),
    Rule("ES24", "warning", rules_schemas.defaults),
    Rule("ES25", "warning", rules_schemas.reachable),
    Rule("ES29", "error", rules_operations.duration),
)


def check(
    document: Document, *, released: Document | None = None, registered: Registration | None = None
) -> list[Finding]:
    """Return what is wrong with a document, with its compatibility, and with its registration."""
    found = [finding for rule in RULES for finding in rule.check(document)]
    if released:
        found += [Finding("ES26", "error", *broken) for broken in compatibility.breaks(released, document)]
    if registered:
        found += registration.check(registered, document)
    return found


def main() -> None:
    """Check the files that are named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("document", type=Path)
    parser.add_argument("--released", type=Path, help="the document that Flows in use were built on")
    parser.add_argument("--registration", type=Path, help="the External Service registration that holds the document")
    given = parser.parse_args()
    findings = check(
        Document(given.document.read_text()),
        released=Document(given.released.read_text()) if given.released else None,
        registered=Registration.read(given.registration) if given.registration else None,
    )
    print(*findings, sep="\n", end="\n" if findings else "")
    sys.exit(any(finding.level == "error" for finding in findings))


if __name__ == "__main__":
    main()
