"""Stigg's pricing and entitlement operations as actions for Salesforce Flows and AWS services."""
