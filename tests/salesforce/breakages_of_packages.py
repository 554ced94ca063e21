"""Ways to break what an org gets beside the Flows: permissions, ids, views, reports and the package."""

from tests.salesforce.breakages import CANCEL, PERMISSIONS, REPORT, Breakage

GRANT_ID = "Stigg_Grant_ID__c.field-meta.xml"
ADMIN = "Stigg_Admin.permissionset-meta.xml"
DASHBOARD = "Stigg_Failed_And_Waiting.dashboard-meta.xml"
_FIELD = (
    """<CustomField xmlns="http://soap.sforce.com/2006/04/metadata"><fullName>Stigg_A__c</fullName></CustomField>"""
)
_EVENT = (
    """<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata"><eventType>HighVolume</eventType></CustomObject>"""
)
_LAYOUT = """<Layout xmlns="http://soap.sforce.com/2006/04/metadata"><layoutSections /></Layout>"""
_SETTINGS = """<FlowSettings xmlns="http://soap.sforce.com/2006/04/metadata"><isFlowFormEnabled /></FlowSettings>"""
_OBJECT = """<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata"><label>Account</label></CustomObject>"""
_CONSTANT = "<constants><name>One</name></constants><variables>"
_CALLED_BY_EVENTS = """<Flow xmlns="http://soap.sforce.com/2006/04/metadata">
<actionCalls><name>Call</name><actionType>externalService</actionType></actionCalls>
<start><connector><targetReference>Call</targetReference></connector><triggerType>PlatformEvent</triggerType></start>
</Flow>"""
_BY_FILTER = "<object>Opportunity</object>\n    </recordUpdates>"
_BY_REFERENCE = "<inputReference>Get_Lines</inputReference></recordUpdates>"
_RESERVED = "<isAdditionalPermissionRequiredToRun>true</isAdditionalPermissionRequiredToRun>"

PERMISSION_BREAKAGES = (
    Breakage("fields_are_granted", PERMISSIONS, "Stigg_Plan_ID__c", "Stigg_Plan__c", "Stigg_Plan__c is no field"),
    Breakage("fields_are_granted", PERMISSIONS, "Stigg_Plan_ID__c", "Stigg_Plan__c", "Stigg_Plan_ID__c is not granted"),
    Breakage("fields_are_granted", ADMIN, "Stigg_Plan_ID__c", "Stigg_Plan__c", "Stigg_Plan_ID__c is not granted"),
    Breakage(
        "fields_are_granted",
        PERMISSIONS,
        "<editable>false</editable>\n        <field>OpportunityLineItem.Stigg_Type__c",
        "<editable>true</editable>\n        <field>OpportunityLineItem.Stigg_Type__c",
        "is a formula",
    ),
    Breakage(
        "admins_can_do_what_users_can",
        ADMIN,
        "<editable>true</editable>\n        <field>Contract.Stigg_Status__c",
        "<editable>false</editable>\n        <field>Contract.Stigg_Status__c",
        "lacks editable of Contract.Stigg_Status__c",
    ),
    Breakage("admins_can_do_what_users_can", ADMIN, "Stigg_Actions-Service", "Other-Service", "lacks enabled of Stigg"),
    Breakage(
        "admins_can_do_what_users_can", ADMIN, "<PermissionSet xmlns", "<Profile xmlns", "Stigg_Admin: is no permission"
    ),
    Breakage("flows_can_be_run", PERMISSIONS, ">RunFlow<", ">RunReports<", "Stigg_User: does not grant RunFlow"),
    Breakage("flows_can_be_run", CANCEL, "    <label>", f"{_RESERVED}<label>", "Stigg_User: may not run Stigg_Cancel"),
    Breakage("objects_are_granted", "objects/Extra__e/Extra__e.object-meta.xml", "", _EVENT, "granted by no"),
)

ID_BREAKAGES = (
    Breakage("ids_are_external", GRANT_ID, "<externalId>true", "<externalId>false", "is no external id"),
    Breakage(
        "no_write_meets_a_unique_field", GRANT_ID, "<unique>false", "<unique>true", "a save after a call can fail"
    ),
)

VIEW_BREAKAGES = (
    Breakage("statuses_agree", REPORT, "ADDED_LATER", "LATER", "LATER is no Stigg Status"),
    Breakage("list_columns_are_known", "objects/Quote/fields/Stigg_A__c.field-meta.xml", "", _FIELD, "Quote: has list"),
    Breakage("reports_have_what_their_type_has", REPORT, ">Stigg_Lines__c<", ">Lines__c<", "of the type Lines__c"),
    Breakage("reports_have_what_their_type_has", REPORT, "Items$Quantity", "Items$TotalPrice", "does not have"),
    Breakage("dashboards_show_reports", DASHBOARD, ">LoggedInUser<", ">SpecifiedUser<", "the records of one user"),
    Breakage("dashboards_show_reports", DASHBOARD, ">Stigg/Stigg_Lines", ">Other/Stigg_Lines", "which is no report"),
    Breakage("dashboards_show_reports", DASHBOARD, ">Account$Stigg_Link__c", ">Account$Owner", "groups by Account"),
)
DEFINITION_BREAKAGES = (
    Breakage("package_is_defined", "sfdx-project.json", ".NEXT", ".LATEST", "versionNumber is"),
    Breakage("package_is_defined", "sfdx-project.json", "scratch-def", "scratch", "there is no config/project-scratch"),
)
OWNERSHIP_BREAKAGES = (
    Breakage("names_and_descriptions_fit", REPORT, "<name>", f"<name>{'x' * 20}", "has a name of 43 characters"),
    Breakage("admins_keep_what_they_edit", "layouts/Opportunity-Stigg.layout-meta.xml", "", _LAYOUT, "a page layout"),
    Breakage("admins_keep_what_they_edit", "settings/Flow.settings-meta.xml", "", _SETTINGS, "is a setting of the org"),
    Breakage(
        "admins_keep_what_they_edit", "objects/Account/Account.object-meta.xml", "", _OBJECT, "Account: is a stan"
    ),
    Breakage("admins_keep_what_they_edit", "data/Stigg_Settings__c.json", "", "{}", "holds records"),
    Breakage(
        "flow_parts_are_known",
        CANCEL,
        "<variables>",
        _CONSTANT,
        "which no rule looks at",
    ),
    Breakage("flow_parts_are_known", CANCEL, _BY_FILTER, _BY_REFERENCE, "whose fields no rule can see"),
    Breakage("calls_follow_the_commit", "flows/Extra.flow-meta.xml", "", _CALLED_BY_EVENTS, "Extra: calls an action"),
)
PACKAGE_BREAKAGES = OWNERSHIP_BREAKAGES + DEFINITION_BREAKAGES + VIEW_BREAKAGES + PERMISSION_BREAKAGES + ID_BREAKAGES
