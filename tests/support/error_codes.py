"""Every error code that the source can raise."""

import ast

from local.stack.template import ROOT
from stigg_actions.errors import ActionError, NotFound, RequestInvalid
from stigg_actions.stigg import error_codes


def raised() -> dict[str, type[ActionError]]:
    """Find every error code in the source, with the class that carries it."""
    categories = {category.__name__: category for category in ActionError.__subclasses__()}
    found = {RequestInvalid([]).code: RequestInvalid, **dict.fromkeys(error_codes.NOT_FOUND.values(), NotFound)}
    for path in (ROOT / "layers" / "shared").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(code)), *_]) if name in categories:
                    found[code] = categories[name]
                case ast.Call(
                    func=ast.Name(id="error") | ast.Attribute(attr="error"),
                    args=[ast.Name(id=name), ast.Constant(value=str(code)), *_],
                ) if name in categories:
                    found[code] = categories[name]
    return found
