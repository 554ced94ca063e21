"""House rules of the way into Salesforce: what is sent, to where, by whom, and what becomes of it if the org fails."""

import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from local.salesforce_org.selling import PROJECT
from local.write_back.rule import Rule
from scripts.salesforce_checks.metadata import text
from tests.support.expanded import expanded, properties

ORG = "00D000000000001EAA"
RESOURCES = [name for name in expanded()["Resources"] if name.startswith("Salesforce")]
RULE = Rule(ORG)


def event(**detail: object) -> dict[str, object]:
    """Return an event of the bus."""
    return {"source": "stigg-actions", "detail-type": "Write Failed", "time": "2026-11-30T00:00:00Z", "detail": detail}


def test_nothing_is_made_without_a_domain() -> None:
    """Without SalesforceDomain there is no rule, queue, pipe, connection or alarm: only an empty secret."""
    made = {name: expanded()["Resources"][name].get("Condition") for name in RESOURCES}

    unconditional = {name for name, condition in made.items() if condition != "WritesBack"}
    assert unconditional == {"SalesforceCallerPolicy", "SalesforceSecret"}


def test_the_rule_takes_events_of_records_of_the_org() -> None:
    """Events that name a record or account of the one org, and no others."""
    record, account = {"salesforceRecordId": "00k"}, {"salesforceAccountId": "001"}
    taken = [
        RULE.takes(one)
        for one in (
            event(salesforceOrgId=ORG, **record),
            event(salesforceOrgId=ORG, **account),
            event(salesforceOrgId=ORG),
            event(salesforceOrgId="00D000000000002EAA", **record),
            event(salesforceOrgId=ORG, **record) | {"source": "another"},
        )
    ]

    assert taken == [True, True, False, False, False]


def test_what_is_sent_is_a_platform_event() -> None:
    """With any fields missing it is JSON; each of its fields is the object's, and those that may be blank are text."""
    fields = {one.name.partition(".")[2]: one.root for one in PROJECT.of("CustomField") if "__e." in one.name}

    sent = json.loads(RULE.transformed(event(eventId="event-1", salesforceOrgId=ORG)))

    assert sent.keys() == fields.keys()
    assert {name for name, value in sent.items() if value} == {"Event_ID__c", "Event_Time__c", "Type__c"}
    assert datetime.fromisoformat(sent["Event_Time__c"]).tzinfo == UTC
    assert {name for name, root in fields.items() if text(root, "type") != "Text"} == {"Event_Time__c"}
    assert {name for name, root in fields.items() if _is_required(root)} <= {"Event_ID__c", "Event_Time__c"}


def test_nothing_personal_is_sent() -> None:
    """Ids of Salesforce and Stigg, codes and times; not even the id that was chosen for a customer."""
    assert [
        path for path in RULE.paths.values() if re.search(r"customer|email|name|message", path, re.IGNORECASE)
    ] == []


def test_credentials_come_from_the_secret_alone() -> None:
    """Client id and secret are read from a secret of their own, which no function may read, and are in no parameter."""
    oauth = properties("SalesforceConnection")["AuthParameters"]["OAuthParameters"]

    for name in ("ClientID", "ClientSecret"):
        reference = oauth["ClientParameters"][name]["Fn::Sub"]
        assert re.fullmatch(r"{{resolve:secretsmanager:\${SalesforceSecret.Id}:SecretString:\w+}}", reference)
    roles = [made for made in expanded()["Resources"].values() if made["Type"].startswith("AWS::IAM::")]
    assert "SalesforceSecret" not in json.dumps(roles)


def test_the_pipe_may_do_no_more_than_it_does() -> None:
    """It takes messages of the one queue, and calls the one destination."""
    (policy,) = properties("SalesforcePipeRole")["Policies"]
    rights = [right for right in policy["PolicyDocument"]["Statement"] if "Fn::If" not in right]

    assert {json.dumps(right["Resource"]) for right in rights} == {
        '{"Fn::GetAtt": ["SalesforceQueue", "Arn"]}',
        '{"Fn::GetAtt": ["SalesforceDestination", "Arn"]}',
    }
    assert properties("SalesforcePipe")["TargetParameters"] == {"InputTemplate": "<$.body>"}


def test_what_the_org_does_not_take_is_sent_again_for_a_day() -> None:
    """Attempts two minutes apart for a day; then it is kept for 14 days, from where it can be sent again."""
    queue = properties("SalesforceQueue")

    assert queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"] == 24 * 3600
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["SalesforceGivenUpQueue", "Arn"]}
    assert properties("SalesforceGivenUpQueue")["MessageRetentionPeriod"] == 14 * 24 * 3600


def _is_required(root: ET.Element) -> bool:
    return text(root, "required") == "true"
