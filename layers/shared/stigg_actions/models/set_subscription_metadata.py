"""The request of set-subscription-metadata."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import field_problem
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.values import RESERVED_METADATA, JsonText, Metadata, Text, choice


class SetSubscriptionMetadata(SubscriptionRequest):
    """The request of set-subscription-metadata."""

    metadata: Metadata | None = None
    """Metadata to set, key by key."""
    remove_keys: Annotated[list[Text] | None, JsonText] = None
    """Keys of metadata to remove."""
    mode: Annotated[Literal["merge", "replace"], choice("merge", "replace")] = "merge"
    """merge (the default) keeps keys that are not named, replace removes them."""

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if not self.metadata and not self.remove_keys and self.mode == "merge":
            raise field_problem("metadata", "is required, or removeKeys, or mode replace")
        return self

    @model_validator(mode="after")
    def _removable(self) -> Self:
        removed = set(self.remove_keys or ())
        both = sorted(removed & set(self.metadata or ()))
        if both:
            raise field_problem(
                "removeKeys", f"names {', '.join(both)}, which metadata sets too; name each key in only one of them"
            )
        ours = sorted(removed & RESERVED_METADATA)
        if ours:
            raise field_problem(
                "removeKeys", f"names {', '.join(ours)}, which the actions set themselves; leave these keys out"
            )
        return self
