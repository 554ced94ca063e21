"""Request shapes: what each operation of Stigg's API accepts, and nothing else."""
