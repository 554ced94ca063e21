"""A Salesforce account's story, played on the real local stack:  make demo."""
