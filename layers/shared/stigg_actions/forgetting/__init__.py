"""Removing what is stored of a customer as a person: names, addresses, requests."""
