"""Rules for list views, report types, reports and dashboards."""

from collections.abc import Iterator

from scripts.salesforce_checks.list_columns import COLUMNS, WITHOUT_VIEWS
from scripts.salesforce_checks.metadata import Component, Finding, text, texts
from scripts.salesforce_checks.project import Project

_STANDARD_REPORT_FIELDS = {
    "Contract": {"Account"},
    "Opportunity": {"Account"},
    "OpportunityLineItem": {"Product2"},
}
_EVENT, _CUSTOM = "__e", "__c"


def list_columns_are_known(project: Project) -> Iterator[Finding]:
    """The names of list columns are known for every standard object with fields of the project."""
    records = {name.partition(".")[0] for name in project.named("CustomField")}
    for record in sorted(records - COLUMNS.keys() - WITHOUT_VIEWS):
        if not record.endswith((_EVENT, _CUSTOM)):
            yield Finding(record, "has list columns that are not known here")


def views_show_fields(project: Project) -> Iterator[Finding]:
    """List views, report types and reports show and filter fields that exist, under the names of their object."""
    for view in project.of("ListView"):
        record = view.name.split(".")[0]
        for shown in [*texts(view.root, "columns"), *texts(view.root, "field")]:
            is_custom = shown.endswith("__c") and project.field(record, shown) is not None
            if not is_custom and shown not in COLUMNS.get(record, ()):
                yield Finding(view.name, f"{record} has no {shown}")
    for report_type in project.of("ReportType"):
        for path in _columns(report_type):
            yield from _in_report(project, report_type, path)
    for report in project.of("Report"):
        for path in _shown(report):
            yield from _in_report(project, report, path)


def reports_have_what_their_type_has(project: Project) -> Iterator[Finding]:
    """A report shows, filters and groups columns of its report type, which is part of the project."""
    types = {f"{name}{_CUSTOM}": component for name, component in project.named("ReportType").items()}
    for report in project.of("Report"):
        name = text(report.root, "reportType")
        if name not in types:
            yield Finding(report.name, f"is of the type {name}, which is not in the project")
            continue
        for path in sorted(_shown(report) - _columns(types[name])):
            yield Finding(report.name, f"uses {path}, which {name} does not have")


def dashboards_show_reports(project: Project) -> Iterator[Finding]:
    """A dashboard shows groups of reports of the project, and every viewer sees what that viewer may see."""
    reports = {f"{report.path.parent.name}/{report.name}": report for report in project.of("Report")}
    for dashboard in project.of("Dashboard"):
        if text(dashboard.root, "dashboardType") != "LoggedInUser":
            yield Finding(dashboard.name, "shows every viewer the records of one user")
        for component in dashboard.root.iter("dashboardComponent"):
            report = reports.get(text(component, "report"))
            if report is None:
                yield Finding(dashboard.name, f"shows {text(component, 'report')}, which is no report")
                continue
            grouped = {text(group, "field") for group in report.root.iter("groupingsDown")}
            for column in sorted(set(texts(component, "groupingColumn")) - grouped):
                yield Finding(dashboard.name, f"groups by {column}, which {report.name} does not")


def _columns(report_type: Component) -> set[str]:
    return {f"{text(column, 'table')}${text(column, 'field')}" for column in report_type.root.iter("columns")}


def _shown(report: Component) -> set[str]:
    return {path for tag in ("field", "column", "dateColumn") for path in texts(report.root, tag)}


def _in_report(project: Project, component: Component, path: str) -> Iterator[Finding]:
    table, _, field = path.partition("$")
    record = "OpportunityLineItem" if table.endswith(".OpportunityLineItems") else table
    if field not in _STANDARD_REPORT_FIELDS.get(record, set()) and project.field(record, field) is None:
        yield Finding(component.name, f"{record} has no {field}")
