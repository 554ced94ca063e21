"""Correct mappings that differ from Stigg, and settle operations with an unknown outcome."""
