"""Mutation testing: change one place of the code on purpose, and see whether a test fails.

``make mutants`` runs it; docs/testing.md explains its output.
"""
