"""Provision a whole opportunity: each part of it is the write of an existing action."""
