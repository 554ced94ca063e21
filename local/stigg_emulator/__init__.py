"""A stateful stand-in for Stigg's API, for development and tests: REST, and GraphQL's `triggerWorkflow`.

It runs by `python -m local.stigg_emulator`, or inside a test by `hosting.running_emulator`. What it does not model
is listed at `GET /_emulator`.
"""
