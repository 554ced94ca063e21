"""Batches: many requests submitted at once, queued by customer, and run by the actions' own functions."""
