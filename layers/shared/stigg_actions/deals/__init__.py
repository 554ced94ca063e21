"""A whole opportunity, provisioned line by line: each part is an operation of an action of its own."""
