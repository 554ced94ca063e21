"""A stand-in for what an administrator finds in an org: deployments, credentials, permissions, settings, layouts."""
