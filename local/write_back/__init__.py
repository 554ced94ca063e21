"""Play what EventBridge does between the bus and Salesforce, by the template's own rule, queue and destination."""
