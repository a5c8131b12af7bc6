"""Sums of whole numbers, `$(( … ))`."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.runtime.small_shell.call import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

_LIMIT = 2**63
_MAX_LENGTH = 200  # characters
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: lambda left, right: _quotient(left, right),
    ast.Mod: lambda left, right: left - right * _quotient(left, right),
    ast.Pow: lambda left, right: left ** _exponent(right),
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def value_of(text: str, variable: Callable[[str], str]) -> int:
    """Return the value of a sum, in which variables stand by name. Raises `Usage`."""
    source = re.sub(r"\$\{?(\w+)\}?", r"\1", text).replace("/", "//").strip()
    try:
        if len(source) > _MAX_LENGTH:
            raise ValueError
        return _value(ast.parse(source or "0", mode="eval").body, variable)
    except (SyntaxError, ValueError):
        raise Usage(f"{text}: this shell adds, subtracts, multiplies, divides and compares alone") from None
    except ZeroDivisionError as problem:
        raise Usage(f'{text}: division by 0 (error token is "{problem}")') from None


def _quotient(left: int, right: int) -> int:
    """Return a quotient, which is rounded towards 0."""
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


def _exponent(value: int) -> int:
    if not 0 <= value < 64:
        raise ValueError
    return value


def _value(node: ast.expr, variable: Callable[[str], str]) -> int:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        value = node.value
    elif isinstance(node, ast.Name):
        value = int(variable(node.id) or "0")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = -_value(node.operand, variable)
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left, variable), _value(node.right, variable)
        if isinstance(node.op, (ast.FloorDiv, ast.Mod)) and not right:
            raise ZeroDivisionError(ast.unparse(node.right))
        value = _OPERATORS[type(node.op)](left, right)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
        left, right = _value(node.left, variable), _value(node.comparators[0], variable)
        value = int(_COMPARISONS[type(node.ops[0])](left, right))
    else:
        raise ValueError
    if abs(value) >= _LIMIT:
        raise ValueError
    return value
