"""The story of a Salesforce account, played on the local stack:  make demo."""
