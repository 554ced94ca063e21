"""A client for Stigg's API: REST, and GraphQL for the one operation that REST lacks."""
