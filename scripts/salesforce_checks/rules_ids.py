"""Rules for the fields that hold ids of Stigg or of records."""

from collections.abc import Iterator

from scripts.salesforce_checks.metadata import Finding, text
from scripts.salesforce_checks.project import Project

_FOUND_BY = {
    "Stigg_Customer_ID__c",
    "Stigg_Grant_ID__c",
    "Stigg_ID__c",
    "Stigg_Plan_ID__c",
    "Stigg_Record_ID__c",
    "Stigg_Subscription_ID__c",
}
_EVENT = "__e"


def ids_are_external(project: Project) -> Iterator[Finding]:
    """Records are found by the ids that they hold: each is an external id, which Salesforce indexes and searches."""
    for field in project.of("CustomField"):
        record, _, name = field.name.partition(".")
        is_entered = field.root.find("formula") is None and not record.endswith(_EVENT)
        if name in _FOUND_BY and is_entered and text(field.root, "externalId") != "true":
            yield Finding(field.name, "holds an id, and is no external id")


def no_write_meets_a_unique_field(project: Project) -> Iterator[Finding]:
    """No field is unique: a duplicate would undo the save that stores what a call did, and the call is not undone.

    Several records share an id by design: the lines of a ramp, a contract and its renewal, accounts of one customer.
    """
    for field in project.of("CustomField"):
        if text(field.root, "unique") == "true":
            yield Finding(field.name, "is unique, so that a save after a call can fail")
