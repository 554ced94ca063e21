"""The routing table. A route is a method, a template such as `/sobjects/{object}`, and the function that answers it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from local.salesforce_org.rest.answers import Answer, Request, RestError, not_found

API_VERSION = "v64.0"
DATA = f"/services/data/{API_VERSION}"
"""What the paths of the data interface begin with."""


@dataclass(frozen=True)
class Route:
    """One operation. `is_open` says that it needs no token."""

    method: str
    template: str
    handle: Callable[[Request], Answer]
    is_open: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression that its paths match."""
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.template)))


class Routes:
    """The operations of an org's REST interface."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = list(routes)

    def add(self, *routes: Route) -> None:
        """Add operations."""
        self._routes.extend(routes)

    def find(self, request: Request) -> tuple[Route, Request]:
        """Return the route of a request, and the request with the values in its path. Raises RestError."""
        found = [(route, match) for route in self._routes if (match := route.pattern.fullmatch(request.path))]
        if not found:
            raise not_found()
        for route, match in found:
            if route.method == request.method:
                return route, replace(request, values=match.groupdict())
        raise RestError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed.")
