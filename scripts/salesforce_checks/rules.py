"""The list of all rules."""

from collections.abc import Callable, Iterator

from scripts.salesforce_checks import (
    rules_calls,
    rules_elements,
    rules_flows,
    rules_ids,
    rules_lengths,
    rules_names,
    rules_notices,
    rules_ownership,
    rules_permissions,
    rules_programs,
    rules_project,
    rules_screens,
    rules_settings,
    rules_starts,
    rules_structure,
    rules_views,
)
from scripts.salesforce_checks.metadata import Finding
from scripts.salesforce_checks.metadata_types import MetadataTypes
from scripts.salesforce_checks.project import Project

type Rule = Callable[[Project], Iterator[Finding]]
type StructureRule = Callable[[Project, MetadataTypes], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    rules_project.files_are_well_formed,
    rules_project.there_is_no_code,
    rules_project.replacements_find_their_text,
    rules_project.package_is_defined,
    rules_project.credentials_are_joined,
    rules_permissions.fields_are_granted,
    rules_permissions.admins_can_do_what_users_can,
    rules_permissions.flows_can_be_run,
    rules_permissions.objects_are_granted,
    rules_project.statuses_agree,
    rules_ids.ids_are_external,
    rules_ids.no_write_meets_a_unique_field,
    rules_views.list_columns_are_known,
    rules_views.views_show_fields,
    rules_views.reports_have_what_their_type_has,
    rules_views.dashboards_show_reports,
    rules_settings.no_deployment_resets_a_setting,
    rules_ownership.admins_keep_what_they_edit,
    rules_settings.settings_are_read,
    rules_settings.fields_are_explained,
    rules_starts.formulas_are_understood,
    rules_starts.data_loads_can_pass_by,
    rules_starts.results_are_emptied_in_new_records,
    rules_starts.new_records_alone_start_nothing,
    rules_starts.flows_before_the_save_change_their_record_alone,
    rules_names.names_and_descriptions_fit,
    rules_lengths.texts_fit,
    rules_lengths.written_picklists_take_any_value,
    rules_lengths.long_texts_are_not_searched,
    rules_notices.standard_actions_get_their_inputs,
    rules_notices.owners_hear_of_failures,
    rules_notices.notification_types_are_there,
    rules_elements.flow_parts_are_known,
    rules_flows.flows_start_with_records,
    rules_flows.flows_take_turns,
    rules_flows.flow_connectors_lead_to_elements,
    rules_flows.flow_names_are_unique,
    rules_flows.flow_references_lead_somewhere,
    rules_flows.flow_values_fit,
    rules_flows.flow_fields_exist,
    rules_flows.flow_queries_read_what_is_used,
    rules_flows.called_flows_only_read,
    rules_calls.calls_name_an_operation,
    rules_calls.calls_send_the_body_of_their_operation,
    rules_calls.requests_say_whose_they_are,
    rules_calls.calls_follow_the_commit,
    rules_calls.interviews_that_call_share_no_transaction,
    rules_calls.calls_come_before_writes,
    rules_calls.faults_are_recorded,
    rules_calls.refusals_are_recorded,
    rules_calls.other_faults_are_handled,
    rules_programs.program_flows_are_sound,
    rules_programs.program_flows_report,
    rules_screens.screens_have_a_button,
    rules_screens.users_may_run_screens,
    rules_screens.screens_write_what_users_edit,
    rules_screens.screens_have_standard_fields,
    rules_screens.failures_say_what_to_do,
    rules_screens.calls_between_screens_are_few,
)

STRUCTURE_RULES: tuple[StructureRule, ...] = (
    rules_structure.elements_are_known,
    rules_structure.elements_stand_in_order,
    rules_structure.elements_come_as_often_as_they_may,
    rules_structure.values_are_allowed,
)
"""Rules that need `@salesforce/types`."""
