"""The requests that callers send and the answers they get, one module per subject."""
