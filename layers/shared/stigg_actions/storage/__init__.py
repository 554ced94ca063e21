"""The data of this deployment in DynamoDB: the ledger of operations, and the mappings of Salesforce records."""
