"""Check each request of a batch by itself, and keep it as valid or as invalid with its error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.batches.actions import BATCH_ACTIONS, FOR_OPERATORS, TRIGGER_WORKFLOW
from stigg_actions.errors import ActionError, Problem, Refused, RequestInvalid
from stigg_actions.models import parsing
from stigg_actions.models.moments import zone_name_of
from stigg_actions.models.values import Reading
from stigg_actions.salesforce_ids import plain_id
from stigg_actions.settings import UTC_NAME

if TYPE_CHECKING:
    from stigg_actions.batches.batch import BatchId
    from stigg_actions.models.base import ActionRequest
    from stigg_actions.models.submit_batch import BatchedRequest, SubmitBatch
    from stigg_actions.settings import Settings
    from stigg_actions.storage.dynamodb import Item

_HOW_THE_CALL_IS_MADE = {"correlationId", "faultOnError"}


@dataclass(frozen=True, slots=True)
class Place:
    """A request's place in its batch, its action and its record."""

    batch_id: BatchId
    index: int
    action: str
    record_id: str | None


class Valid(NamedTuple):
    """A request that can run, with the time zone of its dates if it has dates without a time."""

    action: str
    org_id: str
    body: Mapping[str, Any]
    request: ActionRequest
    zone_name: str | None

    def item(self, batch_id: BatchId, index: int, group: str) -> Item:
        """Return the item of the request."""
        return {
            **batch_id.request_key(index),
            "index": index,
            "action": self.action,
            "group": group,
            "record_id": getattr(self.request, "salesforce_record_id", None),  # not every request has one
            "payload": decimal_json.dumps(self._payload(f"{batch_id}:{index}")),
        }

    def _payload(self, place: str) -> dict[str, Any]:
        """Return the request as the action's function takes it.

        A refusal is returned instead of raised, because a raised one would count as an error of the function. A
        workflow gets a key, because it would run twice if the queue delivered it twice.
        """
        keyless = self.action == TRIGGER_WORKFLOW and getattr(self.request, "idempotency_key", None) is None
        return {
            **self.body,
            "correlationId": self.request.correlation_id or place,
            "salesforceOrgId": self.org_id,
            "faultOnError": False,
            **({"timeZone": self.zone_name} if self.zone_name else {}),  # the stack's zone may change until then
            **({"idempotencyKey": place} if keyless else {}),
        }


class Invalid(NamedTuple):
    """A request that cannot run, and its error."""

    action: str
    record_id: str | None
    error: ActionError

    def result(self, batch_id: BatchId, index: int) -> Item:
        """Return the item of the result, which is known without a run."""
        place = Place(batch_id, index, self.action, self.record_id)
        return result_item(place, self.error.envelope(f"{batch_id}:{index}"))


def check(entry: BatchedRequest, batch: SubmitBatch, settings: Settings, *, caller: str) -> Valid | Invalid:
    """Check one request of a batch as its action would. The batch's org and time zone are its defaults.

    Raises:
        Misconfigured: the request needs the deployment's time zone, which does not exist.
    """
    action, sent = _action(entry), entry.request
    try:
        _refuse_strays(entry, action, caller)
        body = parsing.read_text(sent) if isinstance(sent, str) else parsing.read_value(sent)
        of_the_batch = {} if batch.salesforce_org_id is None else {"salesforceOrgId": batch.salesforce_org_id}
        reading = Reading(body.get("timeZone"), lambda: batch.time_zone or zone_name_of(settings))
        request = parsing.parse(BATCH_ACTIONS[action].request_class(), {**of_the_batch, **body}, reading)
        return Valid(action, settings.organization(request.salesforce_org_id), body, request, reading.zone_name)
    except (RequestInvalid, Refused) as error:
        record_id = plain_id(sent.get("salesforceRecordId")) if isinstance(sent, Mapping) else None
        return Invalid(action if action in BATCH_ACTIONS else "unknown", record_id, error)


def identity(entry: BatchedRequest, checked: Valid | Invalid) -> list[Any]:
    """Return what makes two requests of a batch the same: their fields, without those that only describe the call.

    The time zone counts if the request has dates without a time.
    """
    sent, zone_name = entry.request, checked.zone_name if isinstance(checked, Valid) else None
    if isinstance(sent, Mapping):
        how = _HOW_THE_CALL_IS_MADE | ({"timeZone"} if isinstance(checked, Valid) else set())
        sent = {name: value for name, value in sent.items() if name not in how}
    return [_action(entry), sent, *([zone_name] if zone_name not in {None, UTC_NAME} else [])]


def result_item(place: Place, answer: Mapping[str, Any], *, given_up: bool = False) -> Item:
    """Return the item of a request's result. A request that was given up runs again if it is queued again."""
    return {
        **place.batch_id.result_key(place.index),
        "index": place.index,
        "action": place.action,
        "record_id": place.record_id,
        "success": answer["success"],
        "answer": decimal_json.dumps(answer),
        "given_up": given_up or None,
    }


def _action(entry: BatchedRequest) -> str:
    return entry.action.strip().lower().replace("_", "-") if isinstance(entry.action, str) else ""


def _refuse_strays(entry: BatchedRequest, action: str, caller: str) -> None:
    strays = [Problem(name, "is not a field here; give action and request") for name in entry.model_extra or ()]
    if action not in BATCH_ACTIONS:
        from difflib import get_close_matches  # noqa: PLC0415 - only needed for this error

        close = get_close_matches(action, BATCH_ACTIONS, n=1)
        remedy = f"did you mean {close[0]}?" if close else f"give one of {', '.join(BATCH_ACTIONS)}"
        strays = [Problem("action", f"is not an action that a batch can hold; {remedy}"), *strays]
    elif action in FOR_OPERATORS and caller == "api":
        strays = [Problem("action", "is for operators, who import a file with stigg-actions import"), *strays]
    if strays:
        raise RequestInvalid(strays)
