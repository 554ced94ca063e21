"""Set up a Salesforce org for a deployed stack, step by step; each step says what it found."""
