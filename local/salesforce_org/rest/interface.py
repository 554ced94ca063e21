"""The REST interface of an org in memory.

rest = RestInterface(org, {"client-id": "client-secret"})
rest.routes.add(Route("GET", f"{DATA}/limits", lambda request: Answer(200, {})))
with serving(rest) as url: ...
"""

import threading
from collections.abc import Mapping

from local.salesforce_org.org import Org
from local.salesforce_org.rest import composite, platform_events
from local.salesforce_org.rest.answers import Answer, Request, RestError
from local.salesforce_org.rest.routing import Routes
from local.salesforce_org.rest.tokens import Tokens


class RestInterface:
    """Answers the requests to an org. `is_down` makes every answer a 503."""

    def __init__(self, org: Org, apps: Mapping[str, str]) -> None:
        self.org = org
        self.tokens = Tokens(apps)
        self.routes = Routes([self.tokens.route(), platform_events.route(org), composite.route(self.answer)])
        self.is_down = False
        self._lock = threading.RLock()

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        if self.is_down:
            return Answer(503, [{"message": "The server is down for maintenance", "errorCode": "SERVER_UNAVAILABLE"}])
        with self._lock:
            try:
                route, found = self.routes.find(request)
                if not route.is_open:
                    self.tokens.require(found)
                return route.handle(found)
            except RestError as error:
                return error.answer
