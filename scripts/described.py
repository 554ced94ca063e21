"""Imported before any model: fields then have their docstrings as descriptions, for the programs that write documents.

Functions do not import this. A description would cost time at every cold start.
"""

from pydantic import BaseModel

BaseModel.model_config["use_attribute_docstrings"] = True
