"""What an org sends to its users: notifications by the bell, and e-mails."""

from dataclasses import dataclass, field
from typing import NamedTuple

from local.salesforce_org.evaluation import Value, is_blank
from local.salesforce_org.interviews import Fault
from local.salesforce_org.records import Records, object_of

LONGEST_TITLE, LONGEST_BODY = 250, 750  # Push Notification Implementation Guide


class WebhookMessage(NamedTuple):
    """A notification or e-mail: to whom, its title and text, and the record that it is about."""

    to: str
    title: str
    body: str
    about: str | None = None


@dataclass
class Notices:
    """Everything that was sent."""

    records: Records
    bells: list[WebhookMessage] = field(default_factory=list)
    emails: list[WebhookMessage] = field(default_factory=list)

    def send(self, action: str, inputs: dict[str, Value]) -> None:
        """Carry out an action of a Flow. Raises Fault where Salesforce refuses it."""
        if any(is_blank(value) for value in inputs.values()):
            raise Fault(f"{action}: missing required input parameter")
        if action == "emailSimple":
            self.emails.append(WebhookMessage(inputs["emailAddresses"], inputs["emailSubject"], inputs["emailBody"]))
        else:
            self._ring(inputs)

    def _ring(self, inputs: dict[str, Value]) -> None:
        if object_of(inputs["customNotifTypeId"]) != "CustomNotificationType":
            raise Fault("customNotificationAction: invalid notification type")
        if len(inputs["title"]) > LONGEST_TITLE or len(inputs["body"]) > LONGEST_BODY:
            raise Fault("customNotificationAction: title or body is too long")
        for user in inputs["recipientIds"]:
            if self.records.row(user)["IsActive"]:
                self.bells.append(WebhookMessage(user, inputs["title"], inputs["body"], inputs["targetId"]))
