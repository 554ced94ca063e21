"""What this deployment keeps in DynamoDB: the ledger of operations, and the mappings of Salesforce records."""
