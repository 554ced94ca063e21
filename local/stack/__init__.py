"""The real template, deployed into a stand-in for AWS on this machine."""
