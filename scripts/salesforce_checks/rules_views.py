"""Rules for list views, report types and reports."""

from collections.abc import Iterator

from scripts.salesforce_checks.list_columns import COLUMNS
from scripts.salesforce_checks.metadata import Component, Finding, text, texts
from scripts.salesforce_checks.project import Project

_STANDARD_REPORT_FIELDS = {"Opportunity": {"Account"}, "OpportunityLineItem": {"Product2"}}


def views_show_fields(project: Project) -> Iterator[Finding]:
    """List views, report types and reports show and filter fields that exist, under the names of their object."""
    for view in project.of("ListView"):
        record = view.name.split(".")[0]
        for shown in [*texts(view.root, "columns"), *texts(view.root, "field")]:
            is_custom = shown.endswith("__c") and project.field(record, shown) is not None
            if not is_custom and shown not in COLUMNS.get(record, ()):
                yield Finding(view.name, f"{record} has no {shown}")
    for report_type in project.of("ReportType"):
        for column in report_type.root.iter("columns"):
            yield from _in_report(project, report_type, text(column, "table"), text(column, "field"))
    for report in project.of("Report"):
        for tag in ("field", "column", "dateColumn"):
            for path in texts(report.root, tag):
                yield from _in_report(project, report, *path.split("$"))


def _in_report(project: Project, component: Component, table: str, field: str) -> Iterator[Finding]:
    record = "OpportunityLineItem" if table.endswith(".OpportunityLineItems") else table
    if field not in _STANDARD_REPORT_FIELDS.get(record, set()) and project.field(record, field) is None:
        yield Finding(component.name, f"{record} has no {field}")
