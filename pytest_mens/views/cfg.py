"""cfg predicates: parse, evaluate, conjoin, imply, satisfy. Exact reasoning over the atoms that occur.

Source: the Rust reference, chapter Conditional compilation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator


@dataclass(frozen=True)
class Atom:
    """`name` or `name = "value"`, such as `test` or `feature = "gpu"`."""

    name: str
    value: str | None = None


@dataclass(frozen=True)
class Not:
    """Negation."""

    operand: Predicate


@dataclass(frozen=True)
class All:
    """Conjunction; `All(())` is true."""

    operands: tuple[Predicate, ...]


@dataclass(frozen=True)
class AnyOf:
    """Disjunction; `AnyOf(())` is false."""

    operands: tuple[Predicate, ...]


Predicate = Atom | Not | All | AnyOf

TRUE = All(())
FALSE = AnyOf(())


PLATFORM = frozenset(
    {
        Atom("unix"),
        Atom("debug_assertions"),
        Atom("panic", "unwind"),
        Atom("target_os", "linux"),
        Atom("target_family", "unix"),
        Atom("target_arch", "x86_64"),
        Atom("target_env", "gnu"),
        Atom("target_vendor", "unknown"),
        Atom("target_endian", "little"),
        Atom("target_pointer_width", "64"),
        *(Atom("target_feature", name) for name in ("fxsr", "sse", "sse2")),
        *(Atom("target_has_atomic", width) for width in ("8", "16", "32", "64", "ptr")),
    }
)
"""What `rustc --print cfg` says of x86_64-unknown-linux-gnu, the platform of CI runners; all else is false."""

PLATFORM_TRIPLE = "x86_64-unknown-linux-gnu"

_DEPTH = 100
"""Nesting beyond this is refused: no real predicate comes near, and the functions here recurse."""

_TOKEN = re.compile(
    r"""\s+ | //[^\n]* | (?P<block>/\*)
    | (?P<raw>b?c?r(?P<hashes>\#*)"(?P<rawtext>.*?)"(?P=hashes)) | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<word>(?:r\#)?[^\W\d]\w*) | (?P<mark>[(),=]) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F_]{1,8})\}|x([0-7][0-9a-fA-F])|\n\s*|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def parse(text: str) -> Predicate:
    """Parse the inside of `cfg(...)`, comments and trailing commas too; raise ValueError when it is no predicate."""
    tokens = list(_tokens(text))
    predicate, at = _parse(tokens, 0, _DEPTH)
    if tokens[at:] == [","]:
        at += 1
    if at != len(tokens):
        raise ValueError(f"unexpected `{tokens[at]}` in cfg predicate")
    return predicate


def parse_attr(text: str) -> tuple[Predicate, tuple[str, ...]]:
    """Split the inside of `cfg_attr(...)` into predicate and attributes; raise ValueError when it has no predicate."""
    first, *attributes = _split(text)
    return parse(first), tuple(part for part in attributes if part)


def conjoin(predicates: Iterable[Predicate]) -> Predicate:
    """Give the conjunction, flattened, without duplicates."""
    parts = [predicate for predicate in predicates if predicate is not TRUE]
    return parts[0] if len(parts) == 1 else _join(All, parts)


def disjoin(predicates: Iterable[Predicate]) -> Predicate:
    """Give the disjunction, flattened, without duplicates."""
    return _join(AnyOf, tuple(predicates))


def evaluate(predicate: Predicate, holds: Callable[[Atom], bool]) -> bool:
    """Evaluate under an assignment of the atoms."""
    if isinstance(predicate, Atom):
        return holds(predicate)
    if isinstance(predicate, Not):
        return not evaluate(predicate.operand, holds)
    outcomes = (evaluate(operand, holds) for operand in predicate.operands)
    return all(outcomes) if isinstance(predicate, All) else any(outcomes)


def assume(predicate: Predicate, known: Callable[[Atom], bool | None]) -> Predicate:
    """Simplify under a partial assignment; `known` gives None for an atom that stays open."""
    if isinstance(predicate, Atom):
        value = known(predicate)
        return predicate if value is None else (TRUE if value else FALSE)
    if isinstance(predicate, Not):
        return negate(assume(predicate.operand, known))
    return _join(type(predicate), tuple(assume(operand, known) for operand in predicate.operands))


def negate(predicate: Predicate) -> Predicate:
    """Give the negation, double negation removed."""
    if isinstance(predicate, Not):
        return predicate.operand
    if predicate == TRUE:
        return FALSE
    return TRUE if predicate == FALSE else Not(predicate)


def atoms(predicate: Predicate) -> frozenset[Atom]:
    """Give the atoms that occur."""
    if isinstance(predicate, Atom):
        return frozenset((predicate,))
    if isinstance(predicate, Not):
        return atoms(predicate.operand)
    return frozenset().union(*(atoms(operand) for operand in predicate.operands))


def implies(premise: Predicate, conclusion: Predicate) -> bool:
    """Tell whether every assignment that satisfies `premise` satisfies `conclusion`."""
    return conclusion in (premise, TRUE) or not satisfiable(conjoin((premise, negate(conclusion))))


def satisfiable(predicate: Predicate) -> bool:
    """Tell whether some assignment satisfies `predicate`."""
    predicate = assume(predicate, lambda _: None)
    while True:
        if predicate in (TRUE, FALSE):
            return predicate == TRUE
        units = dict(_units(predicate))
        if not units:
            break
        predicate = assume(predicate, units.get)
    atom = _first(predicate)
    return any(satisfiable(assume(predicate, {atom: value}.get)) for value in (True, False))


def on_platform(predicate: Predicate) -> Predicate:
    """Simplify for the platform CI runs on: what names an operating system or processor is decided."""

    def known(atom: Atom) -> bool | None:
        decided = atom.name in {"windows", "unix"} or atom.name.startswith("target_")
        return atom in PLATFORM if decided else None

    return assume(predicate, known)


def show(predicate: Predicate) -> str:
    """Write it as Rust would, such as `all(test, feature = "gpu")`."""
    if isinstance(predicate, Atom):
        if predicate.value is None:
            return predicate.name
        value = predicate.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{predicate.name} = "{value}"'
    if isinstance(predicate, Not):
        return f"not({show(predicate.operand)})"
    name = "all" if isinstance(predicate, All) else "any"
    return f"{name}({', '.join(map(show, predicate.operands))})"


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None  # noqa: S101 - the last alternative takes any character
        at = found.end()
        if found["block"]:
            at = _block_comment_end(text, at)
        elif found["raw"]:
            yield '"' + found["rawtext"]
        elif found["string"]:
            yield '"' + _ESCAPE.sub(_unescape, found["string"][1:-1])
        elif found["other"]:
            raise ValueError(f"unexpected `{found['other']}` in cfg predicate")
        elif found["word"] or found["mark"]:
            yield found[0]


def _split(text: str) -> list[str]:
    """Split at the commas outside of brackets, strings and comments."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None  # noqa: S101 - the last alternative takes any character
        at = _block_comment_end(text, found.end()) if found["block"] else found.end()
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(found[0], 0)
        if found[0] == "," and not depth:
            parts.append(text[start : found.start()].strip())
            start = at
    return [*parts, text[start:].strip()]


def _block_comment_end(text: str, at: int) -> int:
    depth = 1
    for mark in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return mark.end()
    raise ValueError("unclosed comment in cfg predicate")


def _unescape(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code:
        number = int(code.replace("_", ""), 16)
        if number > 0x10FFFF:
            raise ValueError("no such character in cfg predicate")
        return chr(number)
    return _SIMPLE.get(found[3], found[3]) if found[3] else ""


def _parse(tokens: list[str], at: int, depth: int) -> tuple[Predicate, int]:
    """Read one predicate at `at`; strings are tokens that begin with a quote."""
    if not depth:
        raise ValueError("cfg predicate nested too deeply")
    if at >= len(tokens) or not (tokens[at][0].isalpha() or tokens[at][0] == "_"):
        raise ValueError(f"expected a cfg predicate, found `{''.join(tokens[at : at + 1])}`")
    name, at = tokens[at], at + 1
    following = tokens[at] if at < len(tokens) else ""
    if following == "=":
        if at + 1 >= len(tokens) or not tokens[at + 1].startswith('"'):
            raise ValueError(f"`{name} =` without a string in cfg predicate")
        return Atom(name.removeprefix("r#"), tokens[at + 1][1:]), at + 2
    if following == "(":
        return _parse_call(tokens, name, at + 1, depth)
    if name in {"true", "false"}:
        return (TRUE if name == "true" else FALSE), at
    return Atom(name.removeprefix("r#")), at


def _parse_call(tokens: list[str], name: str, at: int, depth: int) -> tuple[Predicate, int]:
    operands: list[Predicate] = []
    if name not in {"all", "any", "not"}:
        return _parse_unknown_call(tokens, name, at)
    while at < len(tokens) and tokens[at] != ")":
        operand, at = _parse(tokens, at, depth - 1)
        operands.append(operand)
        if at < len(tokens) and tokens[at] == ",":
            at += 1
        elif at < len(tokens) and tokens[at] != ")":
            raise ValueError(f"expected `,` or `)`, found `{tokens[at]}` in cfg predicate")
    if at >= len(tokens):
        raise ValueError(f"unclosed `{name}(` in cfg predicate")
    if name == "not":
        if len(operands) != 1:
            raise ValueError("`not` takes one cfg predicate")
        return Not(operands[0]), at + 1
    return (All if name == "all" else AnyOf)(tuple(operands)), at + 1


def _parse_unknown_call(tokens: list[str], name: str, at: int) -> tuple[Predicate, int]:
    """Read the likes of `version("1.90")` as one opaque atom."""
    open_at = at
    depth = 1
    while at < len(tokens):
        depth += {"(": 1, ")": -1}.get(tokens[at], 0)
        at += 1
        if not depth:
            inside = " ".join(f'{token}"' if token.startswith('"') else token for token in tokens[open_at : at - 1])
            return Atom(f"{name}({inside})"), at
    raise ValueError(f"unclosed `{name}(` in cfg predicate")


def _join(kind: type[All | AnyOf], predicates: Collection[Predicate]) -> Predicate:
    neutral, absorbing = (TRUE, FALSE) if kind is All else (FALSE, TRUE)
    if not predicates:
        return neutral
    kept: dict[Predicate, None] = {}
    for predicate in predicates:
        if predicate == absorbing:
            return absorbing
        if isinstance(predicate, kind):
            flat = _join(kind, predicate.operands)
            if flat == absorbing:
                return absorbing
            kept.update(dict.fromkeys(flat.operands if isinstance(flat, kind) else (flat,)))
        elif predicate != neutral:
            kept[predicate] = None
    return next(iter(kept)) if len(kept) == 1 else kind(tuple(kept))


def _units(predicate: Predicate) -> Iterator[tuple[Atom, bool]]:
    """Give the atoms whose value a simplified predicate forces."""
    for part in predicate.operands if isinstance(predicate, All) else (predicate,):
        if isinstance(part, Atom):
            yield part, True
        elif isinstance(part, Not) and isinstance(part.operand, Atom):
            yield part.operand, False


def _first(predicate: Predicate) -> Atom:
    while not isinstance(predicate, Atom):
        predicate = predicate.operand if isinstance(predicate, Not) else predicate.operands[0]
    return predicate
