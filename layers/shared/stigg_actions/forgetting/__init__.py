"""Remove the personal data of a customer: names, addresses and requests."""
