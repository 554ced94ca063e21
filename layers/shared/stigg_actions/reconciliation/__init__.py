"""Making mappings agree with Stigg, and settling operations of unknown outcome."""
