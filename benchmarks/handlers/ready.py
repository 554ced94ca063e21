"""create-subscription with its clients made as it is imported, as the floor makes its own: for the same comparison."""

from importlib import import_module

from stigg_actions.deps import container

handler = import_module("app").handler
container()
