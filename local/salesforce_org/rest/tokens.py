"""The token endpoint: an External Client App exchanges its client id and secret for an access token."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from local.salesforce_org.rest.answers import Answer, Request, RestError
from local.salesforce_org.rest.routing import Route

PATH = "/services/oauth2/token"


@dataclass
class Tokens:
    """The External Client Apps of an org (secrets by client id), and the tokens that were issued."""

    apps: Mapping[str, str]
    issued: int = 0
    valid: set[str] = field(default_factory=set)

    def route(self) -> Route:
        """Return the route of the token endpoint."""
        return Route("POST", PATH, self.exchange, is_open=True)

    def exchange(self, request: Request) -> Answer:
        """Answer a token for valid client credentials."""
        form = dict(parse_qsl(request.body.decode()))
        client_id, secret = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type", "grant type not supported")
        if client_id not in self.apps:
            return _refused("invalid_client_id", "client identifier invalid")
        if self.apps[client_id] != secret:
            return _refused("invalid_client", "invalid client credentials")
        return Answer(200, {"access_token": self._issue(), "token_type": "Bearer", "scope": "api"})

    def require(self, request: Request) -> None:
        """Raise RestError if a request has no valid token."""
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            raise RestError(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def expire(self) -> None:
        """Let every token expire."""
        self.valid.clear()

    def _issue(self) -> str:
        self.issued += 1
        token = f"00D000000000001!{self.issued:08d}"
        self.valid.add(token)
        return token


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _refused(error: str, description: str) -> Answer:
    return Answer(400, {"error": error, "error_description": description})
