"""A stand-in for an org's REST interface: tokens, platform events, composite requests, and routes that others add."""
