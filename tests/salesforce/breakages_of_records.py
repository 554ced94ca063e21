"""Ways to break what holds for records: what a new one has, who is left alone, what fits, and who hears of failures."""

from tests.salesforce.breakages import AMENDMENT, CANCEL, FAILED, GRACE, PERMISSIONS, PROVISION, VIEW, Breakage

NEW_LINE = "Stigg_New_Line.flow-meta.xml"
NEW_CONTRACT = "Stigg_New_Contract.flow-meta.xml"
LINE_ADDED = "Stigg_Line_Added.flow-meta.xml"
TOP_UP = "Stigg_Credit_Top_Up.flow-meta.xml"
NOTIFY = "Stigg_Notify_Before_Expiry.flow-meta.xml"
CHANGED = "Stigg_Customer_Changed.flow-meta.xml"
SETTINGS = "Stigg_Settings__c.object-meta.xml"
BYPASS_SET = "Stigg_Bypass.permissionset-meta.xml"
NOTICE = "Stigg_Failure.notiftype-meta.xml"
PAYMENT_PAGE = "Opportunity/fields/Stigg_Payment_Page__c.field-meta.xml"
LAST_ERROR = "Opportunity/fields/Stigg_Last_Error__c.field-meta.xml"
GRANT_ID = "Stigg_Grant_ID__c.field-meta.xml"
CURRENCY = "Stigg_Settings__c/fields/Currency__c.field-meta.xml"
BILLING = "Opportunity/fields/Stigg_Billing_Period__c.field-meta.xml"
NO_GRACE = "Stigg_No_Grace__c.field-meta.xml"
NOTIFICATION = "Stigg_Notification__c.field-meta.xml"
NOTIFIED_ON = "Stigg_Notified_On__c.field-meta.xml"
USAGE = "Stigg_Usage_Limit__c.field-meta.xml"
_LABELS = """<CustomLabels xmlns="http://soap.sforce.com/2006/04/metadata"><labels /></CustomLabels>"""
_RECORD = """<CustomMetadata xmlns="http://soap.sforce.com/2006/04/metadata"><label>A</label></CustomMetadata>"""
_NOT_BYPASSED = "NOT({!$Permission.Stigg_Bypass})"
_EMPTY_TEXT = "<elementReference>$GlobalConstant.EmptyString<"
_A_TEXT = "<elementReference>$Flow.InterviewGuid<"
_ASSIGNED = "<assignToReference>$Record.Stigg_Grant_ID__c<"
_LONG = "<length>4000</length>"
_HELP = "<inlineHelpText>"

RECORD_BREAKAGES = (
    Breakage("no_deployment_resets_a_setting", "labels/Custom.labels-meta.xml", "", _LABELS, "has labels"),
    Breakage("no_deployment_resets_a_setting", "customMetadata/A.customMetadata-meta.xml", "", _RECORD, "records of"),
    Breakage(
        "no_deployment_resets_a_setting",
        CURRENCY,
        "<description>",
        "<defaultValue>USD</defaultValue><description>",
        "Currency__c: has a default value",
    ),
    Breakage("no_deployment_resets_a_setting", BILLING, "<default>false", "<default>true", "older records"),
    Breakage(
        "no_deployment_resets_a_setting", NO_GRACE, "<defaultValue>false", "<defaultValue>true", "is ticked in new"
    ),
    Breakage("settings_are_read", SETTINGS, ">Hierarchy<", ">List<", "is no public hierarchy"),
    Breakage("settings_are_read", SETTINGS, ">Public<", ">Protected<", "is no public hierarchy"),
    Breakage("settings_are_read", PERMISSIONS, ">Stigg_Settings__c<", ">Settings__c<", "is not opened by Stigg_User"),
    Breakage("settings_are_read", GRACE, "Grace_Off__c", "Email_Failures__c", "Grace_Off__c: is read by no flow"),
    Breakage("fields_are_explained", NOTIFIED_ON, f"{_HELP}Filled by the Flows.</inlineHelpText>", "", "no help text"),
    Breakage("fields_are_explained", GRANT_ID, _HELP, _HELP + "x" * 511, "help text of"),
    Breakage("formulas_are_understood", PROVISION, "ISBLANK(TEXT(", "ISBLANK(TEXT", "BillingPeriod"),
    Breakage("formulas_are_understood", CANCEL, "AND(NOT(", "ANDD(NOT(", "entry conditions: "),
    Breakage("formulas_are_understood", USAGE, "Quantity, NULL)", "Quantity)", "IF of 2 is no function"),
    Breakage("data_loads_can_pass_by", CANCEL, _NOT_BYPASSED, "{!$Permission.Stigg_Bypass}", "starts for users with"),
    Breakage("data_loads_can_pass_by", NEW_LINE, _NOT_BYPASSED, "TRUE", "starts for users with"),
    Breakage("data_loads_can_pass_by", CANCEL, f"AND({_NOT_BYPASSED}", f"OR({_NOT_BYPASSED}", "starts for users with"),
    Breakage("data_loads_can_pass_by", BYPASS_SET, ">Stigg_Bypass<", ">Other<", "is granted by []"),
    Breakage(
        "data_loads_can_pass_by",
        PERMISSIONS,
        "<customSettingAccesses>",
        "<customPermissions><name>Stigg_Bypass</name></customPermissions><customSettingAccesses>",
        "is granted by ['Stigg_Bypass', 'Stigg_User']",
    ),
    Breakage(
        "results_are_emptied_in_new_records", NEW_LINE, _ASSIGNED, "<assignToReference>$Record.Id<", "Stigg_Grant_ID__c"
    ),
    Breakage("results_are_emptied_in_new_records", NEW_LINE, _EMPTY_TEXT, _A_TEXT, "Stigg_Event_Error__c"),
    Breakage("results_are_emptied_in_new_records", NEW_LINE, ">Create<", ">Update<", "a clone keeps it"),
    Breakage(
        "results_are_emptied_in_new_records", NEW_LINE, ">RecordBeforeSave<", ">RecordAfterSave<", "a clone keeps"
    ),
    Breakage(
        "results_are_emptied_in_new_records",
        NEW_LINE,
        _NOT_BYPASSED,
        f"AND({_NOT_BYPASSED}, ISBLANK({{!$Record.Stigg_Remove__c}}))",
        "a clone keeps it",
    ),
    Breakage("results_are_emptied_in_new_records", NEW_CONTRACT, ">false<", ">true<", "Stigg_No_Grace__c"),
    Breakage(
        "results_are_emptied_in_new_records",
        AMENDMENT,
        "<field>Stigg_Record_ID__c<",
        "<field>Stigg_Record_To_Change__c<",
        "Opportunity.Stigg_Record_To_Change__c: is written by a flow",
    ),
    Breakage(
        "new_records_alone_start_nothing", "Stigg_Link_Contract.flow-meta.xml", "OR(ISCH", "OR(ISNEW(), ISCH", "is new"
    ),
    Breakage(
        "new_records_alone_start_nothing",
        LINE_ADDED,
        f"AND({_NOT_BYPASSED}, NOT(ISBLANK({{!$Record.Opportunity.Stigg_Won_On__c}})), {{!$Record.Opportunity.IsWon}}, "
        "NOT(ISBLANK({!$Record.Stigg_Type__c})))",
        _NOT_BYPASSED,
        "starts for every new record",
    ),
    Breakage(
        "flows_before_the_save_change_their_record_alone",
        LINE_ADDED,
        ">RecordAfterSave<",
        ">RecordBeforeSave<",
        "Queue_Line does more than to assign",
    ),
    Breakage(
        "flows_before_the_save_change_their_record_alone",
        CHANGED,
        ">RecordBeforeSave<",
        ">RecordAfterSave<",
        "no longer changes the record",
    ),
    Breakage("texts_fit", PAYMENT_PAGE, _LONG, "<length>255</length>", "Payment_Page__c takes 255 characters"),
    Breakage("texts_fit", PAYMENT_PAGE, ">LongTextArea<", ">Url<", "takes 255 characters, and is given up to 2000"),
    Breakage("texts_fit", GRANT_ID, "<length>255", "<length>36", "Stigg_Grant_ID__c takes 36 characters"),
    Breakage("texts_fit", "Product2/fields/Stigg_ID__c.field-meta.xml", "<length>255", "<length>300", "up to 300"),
    Breakage(
        "texts_fit",
        NOTIFY,
        "&quot;notify-&quot;",
        "&quot;" + "n" * 250 + "&quot;",
        "Request.idempotencyKey takes 255 characters, and is given up to 279",
    ),
    Breakage("texts_fit", LAST_ERROR, "<length>32768", "<length>4000", "Last_Error__c takes 4000 characters, and is"),
    Breakage(
        "written_picklists_take_any_value",
        NOTIFICATION,
        "<valueSet>",
        "<valueSet><restricted>true</restricted>",
        "is a restricted picklist",
    ),
    Breakage("long_texts_are_not_searched", VIEW, "Stigg_Deal_Type__c", "Stigg_Payment_Page__c", "is a long text"),
    Breakage(
        "long_texts_are_not_searched",
        CANCEL,
        "<field>Id<",
        "<field>Stigg_Last_Error__c<",
        "searches by Stigg_Last_Error__c",
    ),
    Breakage(
        "long_texts_are_not_searched", CANCEL, "{!$Record.IsClosed}", "{!$Record.Stigg_Last_Error__c}", "its entry cond"
    ),
    Breakage(
        "standard_actions_get_their_inputs", FAILED, "<name>body<", "<name>text<", "Ring_Bell needs body (text), custom"
    ),
    Breakage(
        "standard_actions_get_their_inputs", FAILED, "<elementReference>Recipients<", _A_TEXT, "recipientIds (text)"
    ),
    Breakage(
        "standard_actions_get_their_inputs", FAILED, ">emailSimple<", ">emailAlert<", "Send_Email is not an action"
    ),
    Breakage("standard_actions_get_their_inputs", CANCEL, ">externalService<", ">apex<", "Cancel_Subscription is not"),
    Breakage("owners_hear_of_failures", FAILED, "&quot;FAILED&quot;", "&quot;ACTIVE&quot;", "no owner is notified"),
    Breakage("owners_hear_of_failures", FAILED, "$Record.OwnerId", "$Record.AccountId", "does not notify the owner"),
    Breakage("owners_hear_of_failures", FAILED, "<scheduledPaths>", "<scheduledPath>", "no owner is notified"),
    Breakage("notification_types_are_there", FAILED, ">Stigg_Failure<", ">Failure<", "no notification type Failure"),
    Breakage("notification_types_are_there", NOTICE, "<desktop>true", "<desktop>false", "no notification type"),
)
