"""Expansion of `macro_rules!` macros, as far as it decides which items they make.

Source: the Rust reference, chapter Macros By Example. Fragments are matched by the tokens that may follow them, which
tells apart what well-formed macros tell apart; hygiene plays no part, and nothing is evaluated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Union

from pytest_mens.views import rust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from pytest_mens.views.rust import RustFile

DEPTH_LIMIT = 100
REPEAT_LIMIT = 10_000
TOKEN_LIMIT = 200_000


@dataclass(frozen=True)
class Leaf:
    """One token as it is written."""

    text: str


@dataclass(frozen=True)
class Group:
    """A delimited run of tokens."""

    opening: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Bind:
    """`$name:fragment` in a pattern, `$name` (fragment empty) in a body."""

    name: str
    fragment: str = ""


@dataclass(frozen=True)
class Repeat:
    """`$( tokens ) separator operator`."""

    tokens: tuple[Token, ...]
    separator: str
    operator: str


Token = Union[Leaf, Group, Bind, Repeat]  # noqa: UP007 - the classes name each other


@dataclass(frozen=True)
class Macro:
    """A `macro_rules!` definition: its rules as (pattern, body)."""

    name: str
    rules: tuple[tuple[tuple[Token, ...], tuple[Token, ...]], ...]


@dataclass
class _Bound:
    """What a metavariable stands for: tokens, or one binding for each turn of a repetition."""

    tokens: tuple[Token, ...] = ()
    turns: list[dict[str, _Bound]] = field(default_factory=list)


def definition(file: RustFile, node: Node) -> Macro:
    """Read a `macro_definition` node."""
    name = node.child_by_field_name("name")
    rules = []
    for rule in node.named_children:
        if rule.type != "macro_rule":
            continue
        pattern, body = (child for child in rule.named_children if child.type in {"token_tree_pattern", "token_tree"})
        rules.append((_inside(_token(file, pattern, 0)), _inside(_token(file, body, 0))))
    return Macro("" if name is None else file.text_of(name), tuple(rules))


def expand(macro: Macro, file: RustFile, body: Node) -> str | None:
    """Give the source text that an invocation with the token tree `body` becomes; None when no rule matches."""
    arguments = _inside(_token(file, body, 0))
    for pattern, template in macro.rules:
        bound: dict[str, _Bound] = {}
        if _match(pattern, arguments, bound) == len(arguments):
            budget = [TOKEN_LIMIT]
            return _text(_transcribe(template, bound, budget)) if budget[0] > 0 else None
    return None


def _inside(token: Token) -> tuple[Token, ...]:
    return token.tokens if isinstance(token, Group) else ()


_WHOLE = {"lifetime", "char_literal", "string_literal", "raw_string_literal", "integer_literal", "float_literal"}


def _token(file: RustFile, node: Node, depth: int) -> Token:
    """Turn a node of a macro's definition or invocation into tokens."""
    if depth > DEPTH_LIMIT:
        return Leaf("")
    if node.type in {"token_tree", "token_tree_pattern"}:
        return Group(file.text_of(node.children[0]), _tokens(file, node.children[1:-1], depth))
    if node.type == "token_binding_pattern":
        name, fragment = node.named_children[0], node.named_children[-1]
        return Bind(file.text_of(name).removeprefix("$"), file.text_of(fragment))
    if node.type == "metavariable":
        return Bind(file.text_of(node).removeprefix("$"))
    if node.type in {"token_repetition", "token_repetition_pattern"}:
        closing = max(index for index, child in enumerate(node.children) if child.type == ")")
        inner = _tokens(file, node.children[2:closing], depth)
        operator = node.children[-1]
        # the grammar gives the separator no node
        separator = file.source[node.children[closing].end_byte : operator.start_byte].decode("utf-8", "replace")
        return Repeat(inner, separator.strip(), file.text_of(operator))
    return Leaf(file.text_of(node))


def _tokens(file: RustFile, nodes: list[Node], depth: int) -> tuple[Token, ...]:
    found: list[Token] = []
    for node in nodes:
        if node.type in {"line_comment", "block_comment"}:
            continue
        if node.children and node.type not in _WHOLE and not _is_structure(node):
            found.extend(_tokens(file, node.children, depth + 1))
        else:
            found.append(_token(file, node, depth + 1))
    return tuple(found)


def _is_structure(node: Node) -> bool:
    return node.type.startswith("token_") or node.type == "metavariable"


# --- Matching ----------------------------------------------------------------------------------------------------


def _match(pattern: tuple[Token, ...], tokens: tuple[Token, ...], bound: dict[str, _Bound], at: int = 0) -> int:
    """Match `pattern` from `tokens[at]`; give where it ended, or -1."""
    for index, part in enumerate(pattern):
        if isinstance(part, Bind):
            end = _fragment(part.fragment, tokens, at, _follower(pattern, index))
            if end < 0:
                return -1
            bound[part.name] = _Bound(tokens[at:end])
            at = end
        elif isinstance(part, Repeat):
            at = _repeat(part, tokens, bound, at)
            if at < 0:
                return -1
        elif isinstance(part, Group):
            other = tokens[at] if at < len(tokens) else None
            if not isinstance(other, Group) or other.opening != part.opening:
                return -1
            if _match(part.tokens, other.tokens, bound) != len(other.tokens):
                return -1
            at += 1
        elif at < len(tokens) and tokens[at] == part:
            at += 1
        else:
            return -1
    return at


def _follower(pattern: tuple[Token, ...], index: int) -> str:
    following = pattern[index + 1] if index + 1 < len(pattern) else None
    return following.text if isinstance(following, Leaf) else ""


def _repeat(part: Repeat, tokens: tuple[Token, ...], bound: dict[str, _Bound], at: int) -> int:
    turns: list[dict[str, _Bound]] = []
    while len(turns) < REPEAT_LIMIT and (part.operator != "?" or not turns):
        start = at
        if turns and part.separator:
            if tokens[at : at + 1] != (Leaf(part.separator),):
                break
            start += 1
        turn: dict[str, _Bound] = {}
        end = _match(part.tokens, tokens, turn, start)
        if end < 0 or end == at:
            break
        turns.append(turn)
        at = end
    if part.operator == "+" and not turns:
        return -1
    for name in _names(part.tokens):
        bound[name] = _Bound(turns=turns)
    return at


def _names(pattern: tuple[Token, ...]) -> Iterator[str]:
    for part in pattern:
        if isinstance(part, Bind):
            yield part.name
        elif isinstance(part, (Group, Repeat)):
            yield from _names(part.tokens)


_IDENTIFIER = re.compile(r"(?:r#)?[^\W\d]\w*")
_ENDS = {
    "expr": {"=>", ",", ";"},
    "expr_2021": {"=>", ",", ";"},
    "stmt": {"=>", ",", ";"},
    "pat": {"=>", ",", "=", "if", "in"},
    "pat_param": {"=>", ",", "=", "|", "if", "in"},
    "ty": {",", "=>", ":", "=", ";", "|", "as", "where", "{", "["},
    "path": {",", "=>", ":", "=", ";", "|", "as", "where", "{", "["},
    "meta": {",", "]"},
}


def _fragment(kind: str, tokens: tuple[Token, ...], at: int, follower: str) -> int:  # noqa: PLR0911 - one line a kind
    """Give where the fragment that starts at `at` ends, or -1 when there is none."""
    first = tokens[at] if at < len(tokens) else None
    text = first.text if isinstance(first, Leaf) else ""
    if kind == "vis":
        return _visibility(tokens, at)
    if first is None:
        return -1
    if kind == "tt":
        return at + (2 if text == "'" else 1)
    if kind == "ident":
        return at + 1 if _IDENTIFIER.fullmatch(text) and text != "_" else -1
    if kind == "lifetime":
        return at + 2 if text == "'" else -1
    if kind == "literal":
        start = at + (text == "-")
        value = tokens[start] if start < len(tokens) else None
        literal = isinstance(value, Leaf) and re.match(r"""[\d"'bcr]|true$|false$""", value.text)
        return start + 1 if literal and (text in {"true", "false"} or not _IDENTIFIER.fullmatch(text)) else -1
    if kind == "block":
        return at + 1 if isinstance(first, Group) and first.opening == "{" else -1
    if kind == "item":
        return _item(tokens, at)
    end = _until(tokens, at, _ENDS.get(kind, {",", ";"}), follower, angles=kind in {"ty", "path"})
    return end if end > at else -1


def _visibility(tokens: tuple[Token, ...], at: int) -> int:
    if at < len(tokens) and tokens[at] == Leaf("pub"):
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        return at + (2 if isinstance(following, Group) and following.opening == "(" else 1)
    return at


def _item(tokens: tuple[Token, ...], at: int) -> int:
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token == Leaf(";") or (isinstance(token, Group) and token.opening == "{"):
            return at
    return -1


def _until(tokens: tuple[Token, ...], at: int, ends: set[str], follower: str, *, angles: bool) -> int:
    depth = 0
    while at < len(tokens):
        token = tokens[at]
        text = token.text if isinstance(token, Leaf) else token.opening if isinstance(token, Group) else ""
        if depth == 0 and text in ends and (text not in "[{" or text == follower or "{" in ends):
            return at
        if angles:
            depth += {"<": 1, ">": -1, ">>": -2}.get(text, 0)
        at += 1
    return at


# --- Transcription -----------------------------------------------------------------------------------------------


def _transcribe(template: tuple[Token, ...], bound: Mapping[str, _Bound], budget: list[int]) -> tuple[Token, ...]:
    """Give the body with its metavariables replaced; stops when the budget of tokens is used up."""
    made: list[Token] = []
    for part in template:
        budget[0] -= 1
        if budget[0] <= 0:
            break
        if isinstance(part, Bind):
            made.extend(bound[part.name].tokens if part.name in bound else (Leaf("$" + part.name),))
        elif isinstance(part, Group):
            made.append(Group(part.opening, _transcribe(part.tokens, bound, budget)))
        elif isinstance(part, Repeat):
            turns = next((bound[name].turns for name in _names(part.tokens) if name in bound and bound[name].turns), [])
            for index, turn in enumerate(turns):
                if index and part.separator:
                    made.append(Leaf(part.separator))
                made.extend(_transcribe(part.tokens, {**bound, **turn}, budget))
        else:
            made.append(part)
    return tuple(made)


_CLOSING = {"(": ")", "[": "]", "{": "}"}


def _text(tokens: tuple[Token, ...]) -> str:
    parts: list[str] = []
    for token in tokens:
        if isinstance(token, Group):
            parts.append(f"{token.opening} {_text(token.tokens)} {_CLOSING[token.opening]}\n")
        elif isinstance(token, Leaf):
            parts.append("'" if token.text == "'" else token.text + " ")
    text = "".join(parts)
    return text.replace("$ crate", "crate").replace("$crate", "crate")


_PASTED = re.compile(r"\[\s*<\s*((?:\w+\s*)+)>\s*\]")


def pasted(text: str) -> str:
    """Do what `paste!` does to plain identifiers: `[<test_ name>]` becomes `test_name`."""
    return _PASTED.sub(lambda match: "".join(match[1].split()), text)


def parse(text: str, path: str) -> RustFile:
    """Parse what an expansion gave."""
    return rust.parse(text, path)
