"""The possible changes: for a node of the syntax tree, the nodes that can replace it.

Each imitates a mistake of a programmer: a limit off by one, a forgotten condition, a lost value, a missing effect.
Prose and code that only a type checker reads are not changed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst

type Replacements = Iterator[cst.CSTNode]

_PROSE = {"description", "title", "examples", "json_schema_extra"}
"""Arguments that only appear in documents."""

_COMPARISONS: dict[type[cst.CSTNode], cst.BaseCompOp] = {
    cst.LessThan: cst.LessThanEqual(),
    cst.LessThanEqual: cst.LessThan(),
    cst.GreaterThan: cst.GreaterThanEqual(),
    cst.GreaterThanEqual: cst.GreaterThan(),
    cst.Equal: cst.NotEqual(),
    cst.NotEqual: cst.Equal(),
    cst.In: cst.NotIn(),
    cst.NotIn: cst.In(),
    cst.Is: cst.IsNot(),
    cst.IsNot: cst.Is(),
}
_ARITHMETIC: dict[type[cst.CSTNode], cst.BaseBinaryOp] = {
    cst.Add: cst.Subtract(),
    cst.Subtract: cst.Add(),
    cst.Multiply: cst.FloorDivide(),
    cst.Divide: cst.Multiply(),
    cst.FloorDivide: cst.Multiply(),
    cst.Modulo: cst.Multiply(),
    cst.Power: cst.Multiply(),
}
_NAMES = {"True": "False", "False": "True"}
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_NO_TYPE = cst.Tuple([])
"""An exception type that ``except`` never catches."""
_PASS = cst.Pass()


def replacements(node: cst.CSTNode) -> Replacements:
    """Yield the nodes that can replace a node, without changes of its children."""
    for kind, change in _CHANGES:
        if isinstance(node, kind):
            yield from change(node)


def is_left_alone(node: cst.CSTNode) -> bool:
    """Whether a node and its children are not changed: types, decorators and assigned names."""
    return (
        isinstance(node, cst.Annotation | cst.TypeAlias | cst.TypeParameters | cst.Decorator | cst.AssignTarget)
        or (isinstance(node, cst.If) and isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING")
        or (isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value in _PROSE)
        or (isinstance(node, cst.Call) and _called(node) in {"cast", "TypeVar"})
    )


def _comparison(node: cst.ComparisonTarget) -> Replacements:
    operator = _COMPARISONS.get(type(node.operator))
    if operator is not None:
        yield node.with_changes(operator=operator)


def _boolean(node: cst.BooleanOperation) -> Replacements:
    yield node.with_changes(operator=cst.Or() if isinstance(node.operator, cst.And) else cst.And())


def _negation(node: cst.UnaryOperation) -> Replacements:
    if isinstance(node.operator, cst.Not):
        yield node.expression.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _arithmetic(node: cst.BinaryOperation) -> Replacements:
    """Swap the operator. Of ``a | b`` and ``a & b``, which join dictionaries, sets and types, keep one side."""
    operator = _ARITHMETIC.get(type(node.operator))
    if operator is not None:
        yield node.with_changes(operator=operator)
    elif isinstance(node.operator, cst.BitOr | cst.BitAnd):
        yield node.left
        yield node.right


def _number(node: cst.Integer | cst.Float) -> Replacements:
    for value in (node.evaluated_value + 1, node.evaluated_value - 1):
        yield cst.parse_expression(f"({value})" if value < 0 else str(value))


def _name(node: cst.Name) -> Replacements:
    if node.value in _NAMES:
        yield node.with_changes(value=_NAMES[node.value])


def _text(node: cst.SimpleString) -> Replacements:
    """Change a code, name or status. Text with spaces is prose and is not changed."""
    if not any(character.isspace() for character in node.value):
        head = len(node.prefix) + len(node.quote)
        yield node.with_changes(value=f"{node.value[:head]}XX{node.value[head:]}")


def _condition(node: cst.If | cst.IfExp | cst.CompIf) -> Replacements:
    for value in ("True", "False"):
        # A space before it: `if(x)` is legal.
        yield node.with_changes(test=cst.Name(value))


def _loop(node: cst.While) -> Replacements:
    yield node.with_changes(test=cst.Name("False"))


def _statement(node: cst.SimpleStatementLine) -> Replacements:
    """Remove a statement with an effect; return None instead of a value."""
    if len(node.body) != 1:
        return
    statement = node.body[0]
    match statement:
        case cst.Raise() | cst.AugAssign() | cst.Break() | cst.Continue() | cst.Del():
            yield node.with_changes(body=[_PASS])
        case cst.Expr(value=cst.Call() | cst.Yield()):
            yield node.with_changes(body=[_PASS])
        case cst.Return(value=value) if value is not None and not _is_none(value):
            yield node.with_changes(body=[cst.Return(cst.Name("None"))])


def _call(node: cst.Call) -> Replacements:
    """Replace a keyword argument by None; suppress one exception less; swap min and max."""
    for index, argument in enumerate(node.args):
        if argument.keyword is not None and argument.keyword.value not in _PROSE and not _is_none(argument.value):
            yield node.with_changes(args=_with(node.args, index, argument.with_changes(value=cst.Name("None"))))
        if _called(node) == "suppress":
            yield node.with_changes(args=_without(node.args, index))
    if _called(node) in _FUNCTIONS:
        yield node.with_changes(func=cst.Name(_FUNCTIONS[_called(node)]))


def _handler(node: cst.ExceptHandler) -> Replacements:
    if isinstance(node.type, cst.Name | cst.Attribute):
        yield node.with_changes(type=_NO_TYPE)


def _elements(node: cst.Tuple | cst.List | cst.Set) -> Replacements:
    if len(node.elements) > 1:
        for index in range(len(node.elements)):
            yield node.with_changes(elements=_without(node.elements, index))


def _entries(node: cst.Dict) -> Replacements:
    for index in range(len(node.elements)):
        yield node.with_changes(elements=_without(node.elements, index))


def _cases(node: cst.Match) -> Replacements:
    if len(node.cases) > 1:
        for index in range(len(node.cases)):
            yield node.with_changes(cases=_without(node.cases, index))


_CHANGES: Sequence[tuple[Any, Callable[[Any], Replacements]]] = (
    (cst.ComparisonTarget, _comparison),
    (cst.BooleanOperation, _boolean),
    (cst.UnaryOperation, _negation),
    (cst.BinaryOperation, _arithmetic),
    (cst.Integer | cst.Float, _number),
    (cst.Name, _name),
    (cst.SimpleString, _text),
    (cst.If | cst.IfExp | cst.CompIf, _condition),
    (cst.While, _loop),
    (cst.SimpleStatementLine, _statement),
    (cst.Call, _call),
    (cst.ExceptHandler, _handler),
    (cst.Tuple | cst.List | cst.Set, _elements),
    (cst.Dict, _entries),
    (cst.Match, _cases),
)


def _called(node: cst.Call) -> str:
    return node.func.value if isinstance(node.func, cst.Name) else ""


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _with[Item](items: Sequence[Item], index: int, item: Item) -> list[Item]:
    return [*items[:index], item, *items[index + 1 :]]


def _without[Item](items: Sequence[Item], index: int) -> list[Item]:
    return [*items[:index], *items[index + 1 :]]
