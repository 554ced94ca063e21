"""Check the Salesforce DX project for errors that Salesforce's tools only find in an org.

`Project` reads the files and the OpenAPI document. A rule is a function that yields findings; `rules` lists them.
"""
