"""What Rust writes numbers like, and what the methods of its floating-point types make of them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FLOATS = {
    "EPSILON": (2.0**-23, 2.0**-52),
    "MAX": (3.4028234663852886e38, 1.7976931348623157e308),
    "INFINITY": (float("inf"), float("inf")),
    "MIN_POSITIVE": (2.0**-126, 2.0**-1022),
}
_ONE_ARGUMENT: dict[str, Callable[[float], float]] = {
    "from": float,
    "clone": float,
    "into": float,
    "abs": abs,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "ln": math.log,
    "recip": lambda value: 1 / value,
}
_TWO_ARGUMENTS: dict[str, Callable[[float, float], float]] = {
    "powi": math.pow,
    "powf": math.pow,
    "max": max,
    "min": min,
}


def computed(name: str, numbers: list[float]) -> float | None:
    """Give what a method of f32 and f64 makes of numbers, its own first; None where it is unknown or undefined."""
    one, two = _ONE_ARGUMENT.get(name), _TWO_ARGUMENTS.get(name)
    try:
        if one is not None and len(numbers) == 1:
            return one(numbers[0])
        return two(*numbers) if two is not None and len(numbers) == 2 else None
    except (ArithmeticError, ValueError):
        return None


def literal(text: str) -> float | None:
    """Read an integer or float literal."""
    match = re.fullmatch(r"([0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?_*[0-9][0-9_]*)?)_?(?:[iuf]\w+)?", text)
    if match is None:
        try:
            return float(int(re.sub(r"_|[iu](?:8|16|32|64|128|size)\Z", "", text), 0))
        except ValueError:
            return None
    return float(match.group(1).replace("_", ""))
