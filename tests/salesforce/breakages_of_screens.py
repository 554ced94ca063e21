"""Ways to break what holds for screens: who opens them, what they consist of, when they call, and what failures say."""

from tests.salesforce.breakages import PERMISSIONS, Breakage

CUSTOMER = "Stigg_Customer.flow-meta.xml"
SUBSCRIPTION = "Stigg_Subscription.flow-meta.xml"
ACCESS = "Stigg_Grant_Access.flow-meta.xml"
BUTTON = "Account.Stigg_Customer.quickAction-meta.xml"
_CALL = "<targetReference>Say_Moved</targetReference>"
_RECORD = "<name>recordId</name>\n        <dataType>String"
_LINK = "<connector>\n            <targetReference>Was_It_Found</targetReference>\n        </connector>"
_NEXT_CALL = """<connector><targetReference>Call_{0}</targetReference></connector>
    <actionType>externalService</actionType></actionCalls><actionCalls><name>Call_{0}</name>"""
_FIVE_CALLS = (
    "".join(_NEXT_CALL.format(number) for number in range(2, 6)) + f"<actionType>externalService</actionType>{_LINK}"
)

SCREEN_BREAKAGES = (
    Breakage("screens_have_a_button", BUTTON, ">Stigg_Customer<", ">Stigg_Renewal<", "is no flow with screens"),
    Breakage("screens_have_a_button", BUTTON, ">Stigg_Customer<", ">Stigg_Renewal<", "no quick action opens it"),
    Breakage("screens_have_a_button", CUSTOMER, _RECORD, "<name>record</name><dataType>String", "no input recordId"),
    Breakage(
        "users_may_run_screens",
        PERMISSIONS,
        "<flow>Stigg_Customer<",
        "<flow>Stigg_Renewal<",
        "does not run Stigg_Customer",
    ),
    Breakage("users_may_run_screens", PERMISSIONS, "<flow>Stigg_Customer<", "<flow>Stigg_Renewal<", "is no flow with"),
    Breakage("screens_have_standard_fields", ACCESS, ">DropdownBox<", ">ComponentInstance<", "is a ComponentInstance"),
    Breakage("screens_have_standard_fields", ACCESS, "<choiceReferences>A_Week<", "<choiceReferences>W<", "no choice"),
    Breakage(
        "screens_write_what_users_edit",
        SUBSCRIPTION,
        "<field>Stigg_No_Grace__c<",
        "<field>Stigg_Renewal_Lost__c<",
        "writes Contract.Stigg_Renewal_Lost__c, which users of Stigg_User cannot edit",
    ),
    Breakage("failures_say_what_to_do", CUSTOMER, "What to do", "Sorry", "Say_Fault does not say what to do"),
    Breakage("calls_between_screens_are_few", CUSTOMER, _LINK, _FIVE_CALLS, "5 calls from Build_Request on can exceed"),
    Breakage("calls_come_before_writes", SUBSCRIPTION, _CALL, _CALL.replace("Say_Moved", "Build_Keep"), "has written"),
    Breakage("faults_are_recorded", CUSTOMER, "{!$Flow.FaultMessage}", "It failed", "is not written to a record or"),
    Breakage("refusals_are_recorded", CUSTOMER, "200.errorMessage}", "200.errorCode}", "not written to a record or"),
    Breakage("requests_say_whose_they_are", CUSTOMER, "Request.faultOnError", "Request.asOf", "a user wishes it now"),
    Breakage("flows_start_with_records", CUSTOMER, "<processType>Flow<", "<processType>Survey<", "processType is"),
)
