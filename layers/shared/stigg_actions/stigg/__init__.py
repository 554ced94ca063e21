"""Stigg's API as this project speaks it: REST, and GraphQL for the one operation that REST lacks."""
