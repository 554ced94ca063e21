"""The actions that read: one module an action."""
