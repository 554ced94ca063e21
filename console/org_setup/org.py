"""An org by its REST interface."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from console.errors import RefusedError, UnreachableError
from console.org_setup import project
from console.org_setup.salesforce_cli import Login

LONGEST_SECONDS = 150
"""A Flow that calls out may take two minutes."""


class Org:
    """The REST interface of an org, as the user of a login."""

    def __init__(self, login: Login) -> None:
        self.id = login.org_id
        self.username = login.username
        self._http = httpx.Client(
            base_url=f"{login.instance_url}/services/data/v{project.api_version()}",
            headers={"Authorization": f"Bearer {login.token}", "Accept": "application/json"},
            timeout=httpx.Timeout(LONGEST_SECONDS, connect=20),
            trust_env=login.instance_url.startswith("https:"),  # a proxy does not know this machine's loopback
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Read a resource. Raises as ``send``."""
        return self._answer(self._sent("GET", path, params=dict(parameters or {})))

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        """Change a resource; return what the org answers, None if that is nothing.

        Raises:
            RefusedError: the org refuses; the message has its code and reason.
            UnreachableError: the org does not answer, or the session has ended.
        """
        return self._answer(self._sent(method, path, json=dict(body)))

    def find(self, record: str, *columns: str, **where: str | bool | Iterable[str]) -> list[dict[str, Any]]:
        """Return these columns of the records whose fields have these values; fewer than 2,000. Raises as ``send``."""
        conditions = " AND ".join(_condition(name, value) for name, value in where.items())
        soql = f"SELECT {', '.join(columns)} FROM {record} WHERE {conditions}"  # noqa: S608 - values are quoted
        return [dict(found) for found in self.get("/query", {"q": soql})["records"]]

    def _sent(self, method: str, path: str, **content: Any) -> httpx.Response:  # noqa: ANN401 - of httpx
        try:
            return self._http.request(method, path, **content)
        except httpx.TransportError as error:
            raise UnreachableError(f"The org does not answer: {type(error).__name__}. Run the command again.") from None

    @staticmethod
    def _answer(response: httpx.Response) -> Any:  # noqa: ANN401 - any JSON
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise UnreachableError("The session of the Salesforce CLI has ended. Log in again: sf org login web")
        if response.is_error:
            raise RefusedError(f"The org refuses {response.request.url.path}: {_reason(response)}")
        return response.json() if response.content else None


def _condition(name: str, value: str | bool | Iterable[str]) -> str:  # noqa: FBT001 - the value of a field
    match value:
        case bool():
            return f"{name} = {str(value).lower()}"
        case str():
            return f"{name} = {_quoted(value)}"
        case _:
            return f"{name} IN ({', '.join(map(_quoted, value))})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _reason(response: httpx.Response) -> str:
    try:
        errors = response.json()
    except ValueError:
        return f"status {response.status_code}"
    listed = errors if isinstance(errors, list) else [errors]
    return "; ".join(f"{one.get('errorCode')}: {one.get('message')}" for one in listed)
