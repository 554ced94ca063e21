"""Send requests to Stigg, explain its refusals, and read its answers and lists."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from stigg_actions.clock import Deadline
from stigg_actions.errors import NotFound, Refused, StiggUnavailable
from stigg_actions.stigg import refusals
from stigg_actions.stigg.pages import Page, Part, read_items
from stigg_actions.stigg.request import NO_QUERY, StiggRequest
from stigg_actions.stigg.session import Session, parse

if TYPE_CHECKING:
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.preview_schemas import Plan

_PAGE_SIZE = "100"
LONGEST_EXPLANATION_SECONDS = 5.0
"""What a look for the reason of a refusal may take: without it, the refusal goes out as it is."""


class BaseClient:
    """The ways in which all operations send and read. ``client.Stigg`` has the operations."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.known_plans: dict[str, Plan | None] = {}
        """Plans by id, as far as this invocation has read them; None for a plan that Stigg does not show."""

    @property
    def environment(self) -> str:
        """The name of the environment."""
        return self._session.environment

    def read[T: BaseModel](self, model: type[T], path: str, subject: str, query: Mapping[str, str] = NO_QUERY) -> T:
        """Read one thing by its path."""
        request = StiggRequest("GET", path, query=query)
        return parse(model, self._session.send(request, subject=subject), request)

    def find[T: BaseModel](self, model: type[T], path: str, subject: str) -> T | None:
        """Read one thing that may not exist; None if Stigg does not show it."""
        try:
            return self.read(model, path, subject)
        except NotFound:
            return None

    def write[T: BaseModel](  # noqa: PLR0913, PLR0917 - the parts of one request
        self,
        model: type[T],
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        subject: str,
        key: str | None = None,
    ) -> T:
        """Send a change, and read its answer."""
        request = StiggRequest(method, path, body, idempotency_key=key)
        return parse(model, self._explained(request, subject), request)

    def _explained(self, request: StiggRequest, subject: str) -> Any:
        """Send a request, and explain its refusal as far as a short look at Stigg can."""
        try:
            return self._session.send(request, subject=subject)
        except (NotFound, Refused) as refused:
            left = self._session.deadline.seconds_left()
            brief = Deadline.after(self._session.deadline.clock, min(left, LONGEST_EXPLANATION_SECONDS))
            stigg = cast("Stigg", type(self)(self._session._replace(deadline=brief)))
            raise refusals.explained(refused, request, stigg) from None

    def pages[T: BaseModel](
        self, model: type[T], path: str, query: Mapping[str, str], subject: str, after: str | None = None
    ) -> Iterator[Part[T]]:
        """Read a list page by page."""
        while True:
            cursor = {} if after is None else {"after": after}
            request = StiggRequest("GET", path, query={**query, "limit": _PAGE_SIZE, **cursor})
            page = parse(Page, self._session.send(request, subject=subject), request)
            after = page.following(after)
            part = read_items(model, page.data, after)
            self._session.stats.unreadable += len(part.unreadable)
            yield part
            if after is None:
                return

    def whole_list[T: BaseModel](
        self, model: type[T], path: str, query: Mapping[str, str], subject: str
    ) -> Iterator[T]:
        """Read a list; after its last item, raise StiggUnavailable if some items could not be read."""
        unreadable = 0
        for page in self.pages(model, path, query, subject):
            yield from page.items
            unreadable += len(page.unreadable)
        if unreadable:
            raise StiggUnavailable("STIGG_UNAVAILABLE", f"{unreadable} of the {subject} could not be read.")
