"""The template's queue and pipe: what the rule took waits, is sent to the org, and is given up after many attempts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import httpx

from local.stack.expansion import expanded
from local.write_back.rule import Event, Rule

ORIGIN = "https://${SalesforceDomain}"


@dataclass
class Message:
    """A queued event and how often it was received."""

    body: str
    receives: int = 0


@dataclass
class Pipe:
    """Takes events of the bus, and sends them to the REST interface of an org at a URL."""

    rule: Rule
    url: str
    client_id: str
    client_secret: str
    waiting: list[Message] = field(default_factory=list)
    given_up: list[Message] = field(default_factory=list)
    _token: str = ""

    def take(self, *events: Event) -> None:
        """Queue the events that the rule takes."""
        self.waiting += [Message(self.rule.transformed(event)) for event in events if self.rule.takes(event)]

    def send(self) -> None:
        """Send each queued event once. One that the org does not take stays, or is given up."""
        messages, self.waiting = self.waiting, []
        most: int = _properties("SalesforceQueue")["RedrivePolicy"]["maxReceiveCount"]
        for message in messages:
            message.receives += 1
            if not self._is_taken(message):
                (self.waiting if message.receives < most else self.given_up).append(message)

    def send_again(self) -> None:
        """Move what was given up back to the queue, as `aws sqs start-message-move-task` does."""
        self.waiting += [Message(message.body) for message in self.given_up]
        self.given_up.clear()

    def _is_taken(self, message: Message) -> bool:
        """Send a message. A 401 makes EventBridge fetch another token for the next attempt."""
        headers = {"Authorization": f"Bearer {self._token or self._fetch_token()}", "Content-Type": "application/json"}
        endpoint = _properties("SalesforceDestination")["InvocationEndpoint"]["Fn::Sub"]
        answer = httpx.post(endpoint.replace(ORIGIN, self.url), content=_body(message), headers=headers)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = ""
        return answer.is_success

    def _fetch_token(self) -> str:
        """Exchange the credentials as the connection says; keep no token that is not there."""
        oauth = _properties("SalesforceConnection")["AuthParameters"]["OAuthParameters"]
        form = {one["Key"]: one["Value"] for one in oauth["OAuthHttpParameters"]["BodyParameters"]}
        credentials = {"client_id": self.client_id, "client_secret": self.client_secret}
        answer = httpx.post(
            oauth["AuthorizationEndpoint"]["Fn::Sub"].replace(ORIGIN, self.url), data={**form, **credentials}
        )
        self._token = answer.json()["access_token"] if answer.is_success else ""
        return self._token


def _properties(logical_id: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", expanded()["Resources"][logical_id]["Properties"])


def _body(message: Message) -> str:
    """Return what the pipe's template makes of a message: its body, which has to be JSON."""
    json.loads(message.body)
    return message.body
