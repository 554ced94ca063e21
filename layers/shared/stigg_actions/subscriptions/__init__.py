"""The rules of subscriptions: their terms, how they are amended and renewed, and what they cost."""
