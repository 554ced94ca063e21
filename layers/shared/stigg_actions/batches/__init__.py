"""Run many requests that are submitted at once, queued by customer, each by its own action."""
