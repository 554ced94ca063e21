"""A whole opportunity, provisioned line by line: each part is the write of an action of its own."""
