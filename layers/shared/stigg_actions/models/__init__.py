"""The requests that callers send and the answers that they get, one module for each action."""
