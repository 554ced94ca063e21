"""For every rule, ways to break the project that the rule must find."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Breakage:
    """A text of a file that becomes another, the rule that finds it, and a part of what that says."""

    rule: str
    file: str
    old: str
    new: str
    problem: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.problem}"


PROVISION = "Stigg_Provision_Plan.flow-meta.xml"
AMENDMENT = "Stigg_Amendment.flow-meta.xml"
DEAL_REQUEST = "Stigg_Deal_Request.flow-meta.xml"
SELL = "Stigg_Sell_Deal.flow-meta.xml"
CANCEL = "Stigg_Cancel_Lost_Renewal.flow-meta.xml"
CLOSED_WON = "Stigg_Closed_Won.flow-meta.xml"
FAILED = "Stigg_Opportunity_Failed.flow-meta.xml"
GRACE = "Stigg_Grace_On_Expiry.flow-meta.xml"
PERMISSIONS = "Stigg_User.permissionset-meta.xml"
NAMED = "Stigg_Actions.namedCredential-meta.xml"
REGISTRATION = "StiggActions.externalServiceRegistration-meta.xml"
VIEW = "Opportunity/listViews/Stigg_To_Look_At.listView-meta.xml"
CHECK = "Stigg_Check_Connection.flow-meta.xml"
BATCH = "<maxBatchSize>1<"
REPORT = "Stigg_Lines_To_Look_At.report-meta.xml"
_EMPTY_FLOW = '<Flow xmlns="http://soap.sforce.com/2006/04/metadata" />'
_FAULT = "<faultConnector>\n            <targetReference>Record_Fault</targetReference>\n        </faultConnector>"

BREAKAGES = (
    Breakage("program_flows_are_sound", CHECK, "Connection.200.summary", "Connection.200.sum", "sum"),
    Breakage("program_flows_are_sound", CHECK, "StiggActions.checkConnection", "StiggActions.check", "no operation"),
    Breakage("program_flows_report", CHECK, ">Active<", ">Draft<", "is not active"),
    Breakage("program_flows_report", CHECK, ">Report_Fault</t", ">Report_Answer</t", "is not given back"),
    Breakage("files_are_well_formed", PROVISION, "</Flow>", "", "no element found"),
    Breakage("files_are_well_formed", NAMED, "soap.sforce.com/2006/04", "example.com", "namespace"),
    Breakage(
        "files_are_well_formed", "flows/Extra.permissionset-meta.xml", "", _EMPTY_FLOW, "must end with .flow-meta"
    ),
    Breakage("there_is_no_code", "classes/Helper.cls", "", "public class Helper {}", "is code"),
    Breakage("replacements_find_their_text", NAMED, "stigg-actions.invalid", "stigg.invalid", "is not in"),
    Breakage("replacements_find_their_text", "sfdx-project.json", "Stigg_Actions.named", "Stigg.named", "is not in"),
    Breakage("credentials_are_joined", NAMED, ">Stigg_Actions<", ">Stigg<", "no External Credential Stigg"),
    Breakage("credentials_are_joined", REGISTRATION, ">Stigg_Actions<", ">Stigg<", "no Named Credential Stigg"),
    Breakage("credentials_are_joined", PERMISSIONS, "Stigg_Actions-Service", "Stigg_Actions - Service", "no principal"),
    Breakage("views_show_fields", VIEW, "Stigg_Deal_Type__c", "Stigg_Deal__c", "Opportunity has no Stigg_Deal__c"),
    Breakage(
        "views_show_fields", VIEW, ">ACCOUNT.NAME<", ">SALES.ACCOUNT.NAME<", "Opportunity has no SALES.ACCOUNT.NAME"
    ),
    Breakage("views_show_fields", VIEW, ">ACCOUNT.NAME<", ">IsWon<", "Opportunity has no IsWon"),
    Breakage(
        "views_show_fields",
        "Stigg_Not_Notified.listView-meta.xml",
        ">SALES.ACCOUNT.NAME<",
        ">ACCOUNT.NAME<",
        "Contract has no ACCOUNT.NAME",
    ),
    Breakage("views_show_fields", REPORT, "$Quantity", "$Amount", "OpportunityLineItem has no Amount"),
    Breakage("views_show_fields", "Stigg_Lines.reportType-meta.xml", ">Quantity<", ">Amount<", "has no Amount"),
    Breakage("statuses_agree", VIEW, "FAILED", "BROKEN", "BROKEN is no Stigg Status"),
    Breakage("statuses_agree", CLOSED_WON, ">PENDING<", ">WAITING<", "WAITING is no Stigg Status"),
    Breakage("statuses_agree", "Contract/fields/Stigg_Status__c.field-meta.xml", ">VOIDED<", ">VOID<", "other values"),
    Breakage("flows_start_with_records", CANCEL, ">64.0<", ">58.0<", "apiVersion is '58.0'"),
    Breakage(
        "flows_start_with_records", CANCEL, ">RecordAfterSave<", ">Scheduled<", "does not start when a record is saved"
    ),
    Breakage("flows_take_turns", CANCEL, "<triggerOrder>1060", "<triggerOrder>1050", "same triggerOrder"),
    Breakage("flow_connectors_lead_to_elements", CANCEL, ">Update_Opportunity</t", ">Nowhere</t", "leads to Nowhere"),
    Breakage("flow_names_are_unique", CANCEL, "<name>CancelWhen<", "<name>was_it_done_Done<", "was_it_done_done more"),
    Breakage("flow_references_lead_somewhere", PROVISION, ">Request.planId<", ">Request.planID<", "has no planID"),
    Breakage("flow_references_lead_somewhere", PROVISION, ">Price.z0currency<", ">Price.currency<", "has no currency"),
    Breakage(
        "flow_references_lead_somewhere",
        PROVISION,
        ".200.status",
        ".201.status",
        "createSubscriptionWithReturnData has no 201",
    ),
    Breakage(
        "flow_references_lead_somewhere",
        PROVISION,
        ".200.status",
        ".400.status",
        "createSubscriptionWithReturnData has no 400",
    ),
    Breakage("flow_references_lead_somewhere", PROVISION, ".200.status", ".400Exc.status", "Failure has no status"),
    Breakage("flow_references_lead_somewhere", PROVISION, "Stigg_Settings__c.Cur", "Stigg__c.Cur", "setting Stigg__c"),
    Breakage(
        "flow_references_lead_somewhere", PROVISION, "c.Currency__c", "c.Coin__c", "Stigg_Settings__c has no Coin"
    ),
    Breakage(
        "flow_references_lead_somewhere", PROVISION, "n.Stigg_Byp", "n.Stigg_P", "no custom permission Stigg_Pass"
    ),
    Breakage("flow_references_lead_somewhere", PROVISION, "StiggActions_Money", "StiggActions_Cash", "is no class"),
    Breakage(
        "flow_references_lead_somewhere", PROVISION, "$Record.Product2.Name", "$Record.Product.Name", "no Product"
    ),
    Breakage("flow_references_lead_somewhere", PROVISION, "Make_Addons<", "Make_Addon<", "there is no Make_Addon"),
    Breakage("flow_references_lead_somewhere", PROVISION, "{!FaultText}", "{!Fault}", "there is no Fault"),
    Breakage("flow_references_lead_somewhere", PROVISION, "[$EachItem].Quantity", ".Quantity", "list of record Opp"),
    Breakage("flow_references_lead_somewhere", PROVISION, "createSubscriptionWithReturnData", "create", "is no action"),
    Breakage(
        "flow_values_fit",
        PROVISION,
        "<elementReference>CustomerEmail",
        "<elementReference>$Record.Quantity",
        "a number",
    ),
    Breakage("flow_values_fit", PROVISION, "$Record.Stigg_Price__c</e", "$Record.Id</e", "Price.amount is a number"),
    Breakage("flow_values_fit", PROVISION, "<elementReference>Price<", "<elementReference>Request<", "class Money"),
    Breakage("flow_values_fit", PROVISION, ">Make_Addons<", ">Make_Addons[$EachItem]<", "is given a class Addon"),
    Breakage("flow_values_fit", PROVISION, "[$EachItem].Quantity", "[$EachItem].Id", "Make_Addons[$EachItem].quantity"),
    Breakage(
        "flow_values_fit", CANCEL, "<booleanValue>false</booleanValue>", "<stringValue>no</stringValue>", "a text"
    ),
    Breakage("flow_fields_exist", PROVISION, "<field>IsPrimary<", "<field>Primary<", "has no field Primary"),
    Breakage("flow_fields_exist", PROVISION, "<queriedFields>Email<", "<queriedFields>Mail<", "has no field Mail"),
    Breakage("flow_fields_exist", PROVISION, "<field>Stigg_Payment_Page__c<", "<field>Stigg_Page__c<", "Stigg_Page__c"),
    Breakage("flow_fields_exist", GRACE, "<recordField>Stigg_End", "<recordField>Stigg", "has no field Stigg_Date__c"),
    Breakage(
        "flow_queries_read_what_is_used",
        PROVISION,
        "        <queriedFields>Email</queriedFields>\n",
        "",
        "Get_Primary_Contact does not ask for Email",
    ),
    Breakage(
        "flow_queries_read_what_is_used",
        AMENDMENT,
        "        <queriedFields>Stigg_Type__c</queriedFields>\n",
        "",
        "Get_Removed_Lines does not ask for Stigg_Type__c",
    ),
    Breakage(
        "called_flows_only_read",
        DEAL_REQUEST,
        "</recordLookups>",
        "</recordLookups><recordUpdates><name>Mark</name><object>Opportunity</object></recordUpdates>",
        "Mark does more than to read",
    ),
    Breakage("called_flows_only_read", SELL, "<name>dryRun<", "<name>dry<", "gives dry, a boolean, which"),
    Breakage(
        "called_flows_only_read", SELL, "<flowName>Stigg_Deal_Request", "<flowName>Stigg_Renewal", "calls no flow"
    ),
    Breakage(
        "flows_start_with_records",
        DEAL_REQUEST,
        "<start>",
        "<start><triggerType>Scheduled</triggerType>",
        "does not start",
    ),
    Breakage("flow_references_lead_somewhere", SELL, "Make_Request.problem", "Make_Request.dryRun", "has no dryRun"),
    Breakage("flow_references_lead_somewhere", SELL, "SoldLine.Stigg_Status", "SoldLine.Stigg_State", "no Stigg_State"),
    Breakage("requests_say_whose_they_are", DEAL_REQUEST, "request.asOf", "request.endDate", "sent without asOf"),
    Breakage("calls_name_an_operation", CANCEL, "StiggActions.cancelS", "Other.cancelS", "something else"),
    Breakage("calls_name_an_operation", CANCEL, "StiggActions.cancelS", "StiggActions.S", "which is no operation"),
    Breakage("calls_send_the_body_of_their_operation", CANCEL, ".cancelSub", ".updateSub", "takes a class Update"),
    Breakage("calls_send_the_body_of_their_operation", CANCEL, "<name>body<", "<name>request<", "a body alone"),
    Breakage(
        "requests_say_whose_they_are", CANCEL, "Request.salesforceOrgId", "Request.idempotencyKey", "without sales"
    ),
    Breakage("requests_say_whose_they_are", CANCEL, "Request.faultOnError", "Request.prorate", "without faultOnError"),
    Breakage(
        "calls_follow_the_commit",
        CANCEL,
        "<doesRequire",
        "<connector><targetReference>Build_Request</targetReference></connector><doesRequire",
        "while the record is being saved",
    ),
    Breakage(
        "interviews_that_call_share_no_transaction",
        CANCEL,
        BATCH,
        "<maxBatchSize>2<",
        "2 interviews share a transaction",
    ),
    Breakage("interviews_that_call_share_no_transaction", CANCEL, f"{BATCH}/maxBatchSize>", "", "200 interviews share"),
    Breakage(
        "interviews_that_call_share_no_transaction",
        CANCEL,
        "<timeSource>",
        "<pathType>AsyncAfterCommit</pathType><timeSource>",
        "cannot limit its batches",
    ),
    Breakage(
        "calls_come_before_writes",
        "Stigg_Credit_Top_Up.flow-meta.xml",
        "<targetReference>Update_Opportunity<",
        "<targetReference>Build_Request<",
        "Create_Grant can come after Update_Line has written",
    ),
    Breakage("faults_are_recorded", CANCEL, _FAULT, "", "a fault of Cancel_Subscription is not written"),
    Breakage("faults_are_recorded", CANCEL, "{!$Flow.FaultMessage}", "Something failed", "is not written to a record"),
    Breakage("faults_are_recorded", CANCEL, "Record_Fault</t", "Was_It_Done</t", "is not written to a record"),
    Breakage("refusals_are_recorded", CANCEL, ".200.success", ".200.replayed", "nobody looks"),
    Breakage("refusals_are_recorded", CANCEL, "200.errorMessage}", "200.errorCode}", "is not written to a record"),
    Breakage("other_faults_are_handled", CLOSED_WON, _FAULT, "", "Get_Any_Line has no fault connector"),
    Breakage("other_faults_are_handled", FAILED, _FAULT, "", "Ring_Bell has no fault connector"),
)

STRUCTURE_BREAKAGES = (
    Breakage("elements_are_known", CANCEL, "<offset>0</offset>", "<delay>0</delay>", "FlowActionCall has no delay"),
    Breakage(
        "elements_are_known", NAMED, "<calloutStatus>", "<status/><calloutStatus>", "NamedCredential has no status"
    ),
    Breakage("elements_stand_in_order", NAMED, "<label>Stigg", "<calloutStatus/><label>Stigg", "are not in order"),
    Breakage(
        "elements_come_as_often_as_they_may", NAMED, "<label>Stigg Actions</label>", "", "NamedCredential needs label"
    ),
    Breakage(
        "elements_come_as_often_as_they_may", CANCEL, "<status>Active</status>", "<status/><status/>", "more than once"
    ),
    Breakage("values_are_allowed", NAMED, ">SecuredEndpoint<", ">Secured<", "is no NamedCredentialType"),
    Breakage("values_are_allowed", CANCEL, "<operator>EqualTo<", "<operator>Equals<", "which is no Flow"),
    Breakage("values_are_allowed", PERMISSIONS, "<enabled>true<", "<enabled>yes<", "is no boolean"),
    Breakage("values_are_allowed", CANCEL, BATCH, "<maxBatchSize>one<", "is no number"),
)
