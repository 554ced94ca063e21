"""Show what a subscription would cost, what it would replace and what blocks it, without changing anything."""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.preview_subscription import PreviewedSubscription, PreviewSubscription
from stigg_actions.queries.preview_subscription import preview


def preview_subscription(request: PreviewSubscription, deps: Deps) -> PreviewedSubscription:
    """Price the subscription, and read those that it would replace."""
    return preview(request, deps)


handler = entrypoint(preview_subscription)
