"""A stand-in for a Salesforce org: its records, and an interpreter of the Flows of `salesforce/`."""
