"""A release as one folder: built for both processors, with the Salesforce project, licences and bill of materials."""
