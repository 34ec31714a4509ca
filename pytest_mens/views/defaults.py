"""What a page says of the defaults of flags: in tables, in lists, after the flag, before it, under its heading.

Reading only: what follows from a claim that does not agree with the code is for a checker to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.views import command_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mens.views.clap import Argument
    from pytest_mens.views.markdown import Block, Inline, Place


class Claim(NamedTuple):
    """A value that a block says is the default of a flag, or the value of a constant, with the place of the value."""

    name: str
    value: str
    place: Place
    block: Block


class Span(NamedTuple):
    """A code span of a block: its extent in the visible text."""

    inline: Inline
    start: int
    end: int


NEAR = 300
"""Characters around a code span in which words are bound to it."""
_NEGATION = r"\b(?:not|never|no\s+longer)\b"
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_ENDS_IN_FLAG = re.compile(r"(?:[\w.-]+ )*(--[a-z][\w-]*)(?:[ =](?:[A-Z][A-Z0-9_]*|<[^>]*>|…))?")
"""A flag, perhaps after its command and before a placeholder for its value."""
_JOINED = re.compile(r"\s*(?:,|/|and|,\s*and|&)\s*")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_PLAIN = re.compile(r"[\w./:-]+")
"""A value as a document writes it: one word, a path or an address."""


_OPENS = re.compile(r"[\s)*_]*[(,]\s*(?:the\s+|current\s+)?default\s*(?=[),;.:]|$)")
_ENDS = re.compile(r"(?i)\bdefaults?(?:\s+(?:is|to|of|value))*\s*:?\s*[“\"]?$")
_ARE = re.compile(rf"\s+(?:is|are)\b(?:(?!{_NEGATION})[^.;:])*\bdefaults?\b")
_IS_ALONE = re.compile(r"\s+(?:is|remains|stays)\s+the\s+default\s*(?=[.,;:)]|$)")
_IS_FOR = re.compile(r"\s+(?:is|remains|stays)\s+the\s+default(?:\s+value)?\s+(?:for|of)\s*")
_DEFAULT_FOR = re.compile(r"(?i)\bdefault(?:\s+value)?(?:\s+(?:for|of))?\s*$")
_IS = re.compile(r"\s*(?:is|remains|stays|:|=)\s*")
_SWITCHED = re.compile(r"\s+is\s+(on|off|enabled|disabled)\s+by\s+default\b")
_IN_WORDS = re.compile(r"(?i)\bdefaults?(?:\s+(?:is|to|of|value))*\s*:?\s+(\d[\d_.]*|true|false)\b")


def claims(block: Block) -> Iterator[Claim]:
    """Give what a block says of the defaults of flags and of the values of constants."""
    if "default" in block.content.lower():
        spans = spans_of(block)
        for at in range(len(spans)):
            yield from _around(block, spans, at)
        yield from _in_words(block, spans)
    yield from _cell(block)


def switches(block: Block) -> Iterator[Claim]:
    """Give the flags that a block says are on, or off, by default."""
    if "default" in block.content.lower():
        text = block.plain.text
        for span in spans_of(block):
            match = _SWITCHED.match(text, span.end)
            flag = _last_flag([span]) if match else None
            if match and flag:
                yield Claim(flag, match.group(1), block.plain.place(match.start(1)), block)


def _around(block: Block, spans: Sequence[Span], at: int) -> Iterator[Claim]:
    text = block.plain.text
    span = spans[at]
    after = text[span.end : span.end + NEAR]
    ahead = text[max(span.start - NEAR, 0) : span.start]
    if _OPENS.match(after):
        yield from _default_of(block, spans[: at + 1])
    if _ENDS.search(ahead):
        before = [other for other in spans[:at] if other.end <= _default_word(text, span.start)]
        yield from _default_after(block, before, spans[at:])
    if _ARE.match(after):
        yield from _defaults_are(block, spans[: at + 1])
    if _IS_ALONE.match(after) and _PLAIN.fullmatch(span.inline.text) and not _pairs(span.inline.text):
        near = at > 0 and _same_sentence(text, spans[at - 1].end, span.start)
        yield from _default_of(block, spans[: at + 1] if near else spans[at : at + 1])
    if at + 1 < len(spans):
        yield from _default_for(block, span, spans[at + 1])


def _default_for(block: Block, span: Span, following: Span) -> Iterator[Claim]:
    """Read "default for `--flag` (or default `CONSTANT`) is `value`" and "`value` is the default for `--flag`"."""
    text = block.plain.text
    told = _IS.fullmatch(text, span.end, following.start) and _DEFAULT_FOR.search(text, 0, span.start)
    if told:
        name = _last_flag([span]) or (span.inline.text if _CONSTANT.fullmatch(span.inline.text) else None)
        if name and _PLAIN.fullmatch(following.inline.text):
            yield _claim(block, following.inline, name, following.inline.text)
    flag = _last_flag([following])
    if flag and _IS_FOR.fullmatch(text, span.end, following.start) and _PLAIN.fullmatch(span.inline.text):
        yield _claim(block, span.inline, flag, span.inline.text)


def _in_words(block: Block, spans: Sequence[Span]) -> Iterator[Claim]:
    """Read a default that is no code: "`--flag`: default 8"."""
    text = block.plain.text
    for match in _IN_WORDS.finditer(text):
        if not any(span.start <= place < span.end for span in spans for place in (match.start(), match.start(1))):
            before = [span for span in spans if span.end <= match.start()]
            bound = _last_flag(before) if before and _same_sentence(text, before[-1].end, match.start()) else None
            if bound:
                yield Claim(bound, match.group(1).rstrip("."), block.plain.place(match.start(1)), block)


def _cell(block: Block) -> Iterator[Claim]:
    """Read the cell of a column headed "Default" in the row of a flag."""
    head = block.head_cell if block.kind == "cell" else None
    if head is None or not re.fullmatch(r"(?i)\W*(?:clap\s+)?defaults?\W*", head.plain.text):
        return
    spans = spans_of(block)
    if len(spans) != 1:
        return
    first = block.siblings[0]
    bound = _last_flag(spans_of(first)) if first is not block else None
    inline = spans[0].inline
    if bound and _PLAIN.fullmatch(inline.text):
        yield _claim(block, inline, bound, inline.text)


def _default_of(block: Block, spans: Sequence[Span]) -> Iterator[Claim]:
    """Read "`value` (default)" and "`--flag value`, default"."""
    inline = spans[-1].inline
    pairs = _pairs(inline.text)
    if pairs:
        flag, value = pairs[-1]
        yield _claim(block, inline, flag, value)
    elif _PLAIN.fullmatch(inline.text):
        bound = _last_flag(spans[:-1]) or _heading_flag(block)
        if bound:
            yield _claim(block, inline, bound, inline.text)


def _default_after(block: Block, before: Sequence[Span], following: Sequence[Span]) -> Iterator[Claim]:
    """Read "`--flag`: default `value`", the same of several in a row, and "default: `--flag value`"."""
    text = block.plain.text
    span = following[0]
    pairs = _pairs(span.inline.text)
    if pairs and text[: span.start].rstrip().endswith(":"):
        for flag, value in pairs:
            yield _claim(block, span.inline, flag, value)
    if pairs or not _PLAIN.fullmatch(span.inline.text):
        return
    flags = _chain(text, before[::-1])[::-1]
    values = _chain(text, following)
    told: list[tuple[Sequence[Span], Span]] = [(before, span)]
    if len(flags) > 1 < len(values):
        same = len(flags) == len(values)
        told = [([flag], value) for flag, value in zip(flags, values, strict=True)] if same else []
    for bearers, value_span in told:
        value = value_span.inline.text
        bound = _last_flag(bearers) if bearers else _heading_flag(block)
        if bound and _PLAIN.fullmatch(value):
            yield _claim(block, value_span.inline, bound, value)


def _defaults_are(block: Block, spans: Sequence[Span]) -> Iterator[Claim]:
    """Read "`--flag value` and `--other value` are the defaults"."""
    text = block.plain.text
    chosen = [spans[-1]]
    for span in reversed(spans[:-1]):
        if not _JOINED.fullmatch(text, span.end, chosen[-1].start):
            break
        chosen.append(span)
    for span in chosen:
        for flag, value in _pairs(span.inline.text):
            yield _claim(block, span.inline, flag, value)


def agrees(argument: Argument, value: str) -> bool | None:
    """Tell whether `value` is the argument's default; None when that cannot be said."""
    default = argument.default
    if default is None:
        return None
    if argument.values is not None:
        known = [{item.name, *item.aliases} for item in argument.values]
        if not any(value in names for names in known):
            return False if _NAME.fullmatch(value) else None
        return any({value, default} <= names for names in known)
    try:
        return float(value) == float(default)
    except ValueError:
        pass
    if _number(default) != _number(value) or re.fullmatch(r"[A-Z][A-Z0-9_]*", value):
        return None
    words = {"on": "true", "off": "false", "yes": "true", "no": "false", "enabled": "true", "disabled": "false"}
    return words.get(value, value) == words.get(default, default)


def _number(text: str) -> bool:
    return re.fullmatch(r"-?[\d_.]+(?:e-?\d+)?", text) is not None


def spans_of(block: Block) -> list[Span]:
    """Give the code spans of a block with their extents in its visible text."""
    codes = [inline for inline in block.inlines if inline.kind == "code"]
    return [Span(inline, start, end) for inline, (start, end) in zip(codes, block.plain.code, strict=True)]


def _pairs(text: str) -> list[tuple[str, str]]:
    """Give every flag of a command line with the value after it."""
    return re.findall(r"(--[a-z][\w-]*)[ =]([a-z0-9][\w.-]*)(?=\s|$)", text)


def _claim(block: Block, inline: Inline, name: str, value: str) -> Claim:
    place = command_lines.code_place(block, inline, max(inline.text.rfind(value), 0))
    return Claim(name, value, place, block)


def _same_sentence(text: str, start: int, end: int) -> bool:
    return not re.search(r"[.;]\s", text[start:end])


def _last_flag(spans: Sequence[Span]) -> str | None:
    """Give the flag of the nearest span that is one flag and at most a placeholder; None when it has a value."""
    for span in reversed(spans):
        match = _ENDS_IN_FLAG.fullmatch(span.inline.text)
        if match or span.inline.text.startswith("--"):
            return match.group(1) if match else None
    return None


def _chain(text: str, spans: Sequence[Span]) -> list[Span]:
    """Give the first of `spans` with those that only commas and "and" join to it, in either direction."""
    found = list(spans[:1])
    for span in spans[1:]:
        start, end = sorted((found[-1], span), key=lambda known: known.start)
        if not _JOINED.fullmatch(text, start.end, end.start):
            break
        found.append(span)
    return found


def _heading_flag(block: Block) -> str | None:
    """Give the flag of the item above a nested item, else the one that the nearest heading names."""
    for above in block.ancestors():
        if above.kind == "item" and above.lead is not None and above.lead is not block:
            flag = _last_flag(spans_of(above.lead))
            if flag:
                return flag
    if not block.headings:
        return None
    flags = [span.inline.text for span in spans_of(block.headings[-1])]
    found = [flag for flag in flags if re.fullmatch(r"--[a-z][\w-]*", flag)]
    return found[0] if len(found) == 1 else None


def _default_word(text: str, end: int) -> int:
    return text.lower().rfind("default", 0, end)
