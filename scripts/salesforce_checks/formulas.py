"""Parse the formula of a field or a Flow, or an entry condition, into a tree.

Source: Salesforce Help, "Formula Operators and Functions". A reference is `{!$Record.Name}` in a Flow, and `Name` in a
field's formula.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

type Formula = Literal | Reference | Call | Operation


class Literal(NamedTuple):
    """A text, a number, TRUE, FALSE or NULL."""

    value: str | float | bool | None


class Reference(NamedTuple):
    """The name of a field or resource, such as `$Record.Name`."""

    name: str


class Call(NamedTuple):
    """A function and its arguments."""

    function: str
    arguments: tuple[Formula, ...]


class Operation(NamedTuple):
    """An operator with two values."""

    operator: str
    left: Formula
    right: Formula


class Unreadable(Exception):  # noqa: N818 - describes the text
    """The text is not a formula. The message names the place."""


ARGUMENTS: dict[str, range] = {
    "AND": range(1, 100),
    "CASE": range(4, 100, 2),
    "DATEVALUE": range(1, 2),
    "IF": range(3, 4),
    "ISBLANK": range(1, 2),
    "ISCHANGED": range(1, 2),
    "ISPICKVAL": range(2, 3),
    "LEFT": range(2, 3),
    "MIN": range(2, 100),
    "NOT": range(1, 2),
    "OR": range(1, 100),
    "ROUND": range(2, 3),
    "SUBSTITUTE": range(3, 4),
    "TEXT": range(1, 2),
    "TODAY": range(1),
    "UPPER": range(1, 2),
}
"""The functions that the project uses, with the numbers of their arguments."""

_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
_LEVELS = (("||",), ("&&",), ("=", "==", "<>", "!=", "<=", ">=", "<", ">"), ("&", "+", "-"), ("*", "/"))
_MERGE_FIELD = re.compile(r"\{!([^}]+)\}")
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<reference>\{![^}]+\}|[A-Za-z_$][\w.$]*)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<symbol>\|\||&&|<>|<=|>=|==|!=|[()=<>&+*/,-])
    )""",
    re.VERBOSE,
)


def parse(text: str) -> Formula:
    """Read a formula. Raises Unreadable."""
    parser = _Parser(text, _tokens(text))
    formula = parser.level(0)
    parser.expect("")
    return formula


def merge_fields(text: str) -> list[str]:
    """Return the references in a text or formula of a Flow: `$Record.Name` for `{!$Record.Name}`."""
    return _MERGE_FIELD.findall(text)


def conditions(formula: Formula) -> tuple[Formula, ...]:
    """Return the conditions of a formula: the arguments of an AND, or the formula itself."""
    return formula.arguments if isinstance(formula, Call) and formula.function == "AND" else (formula,)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Return the kinds and texts of a formula's tokens, with an empty one at the end."""
    tokens, position = [], 0
    while text[position:].strip():
        token = _TOKEN.match(text, position)
        if token is None:
            raise Unreadable(f"{text!r}: {text[position:]!r} is not understood")
        tokens.append((str(token.lastgroup), token[token.lastgroup or 0]))
        position = token.end()
    return [*tokens, ("symbol", "")]


@dataclass
class _Parser:
    """A reader of one formula, from left to right."""

    text: str
    tokens: list[tuple[str, str]]
    position: int = 0

    def level(self, number: int) -> Formula:
        """Read an expression of operators from a level on."""
        if number == len(_LEVELS):
            return self._atom()
        formula = self.level(number + 1)
        while self._is_symbol(*_LEVELS[number]):
            formula = Operation(self._next()[1], formula, self.level(number + 1))
        return formula

    def expect(self, symbol: str) -> None:
        """Read a symbol; the empty symbol is the end. Raises Unreadable."""
        if not self._is_symbol(symbol):
            raise self._unexpected(symbol or "the end")
        self._next()

    def _atom(self) -> Formula:
        match self._next():
            case "reference", name:
                return self._named(name)
            case "number", number:
                return Literal(float(number))
            case "text", quoted:
                return Literal(re.sub(r"\\(.)", r"\1", quoted[1:-1]))
            case "symbol", "(":
                inner = self.level(0)
                self.expect(")")
                return inner
        self.position -= 1
        raise self._unexpected("a value")

    def _named(self, name: str) -> Formula:
        if name.startswith("{!"):
            return Reference(name[2:-1])
        if name.upper() in _CONSTANTS:
            return Literal(_CONSTANTS[name.upper()])
        return self._call(name.upper()) if self._is_symbol("(") else Reference(name)

    def _call(self, function: str) -> Formula:
        self.expect("(")
        arguments: list[Formula] = []
        while not self._is_symbol(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.level(0))
        self.expect(")")
        if len(arguments) not in ARGUMENTS.get(function, ()):
            raise Unreadable(f"{self.text!r}: {function} of {len(arguments)} is no function that is known here")
        return Call(function, tuple(arguments))

    def _is_symbol(self, *symbols: str) -> bool:
        kind, text = self.tokens[self.position]
        return kind == "symbol" and text in symbols

    def _next(self) -> tuple[str, str]:
        self.position += 1
        return self.tokens[self.position - 1]

    def _unexpected(self, wanted: str) -> Unreadable:
        return Unreadable(f"{self.text!r}: {wanted} is expected before {self.tokens[self.position][1]!r}")
