"""Checks of the Salesforce DX project that no tool of Salesforce's makes without an org.

`Project` reads the files and the OpenAPI document; a rule is a function that yields what it finds; `rules` lists them.
"""
