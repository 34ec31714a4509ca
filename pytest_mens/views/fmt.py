"""Format strings as `std::fmt` reads them: placeholders, what they refer to, and what rustc would refuse.

The grammar is that of the module documentation of `std::fmt`, in the reading of rustc's `rustc_parse_format`: white
space may stand before the colon and before the closing brace, a fill character is any character that an alignment
follows (also a brace), and an integer must fit into 16 bits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_IDENTIFIER = r"[^\W\d]\w*"
_PIECE = re.compile(
    rf"""
    \{{\{{ | \}}\}}
    | (?P<placeholder> \{{
        (?P<argument> [0-9]+ | {_IDENTIFIER} )? \s*
        (?: :
            (?: . (?=[<^>]) )? [<^>]? [+-]? \#? (?: 0(?!\$) )?
            (?P<width> (?: [0-9]+ | {_IDENTIFIER} )\$ | [0-9]+ )?
            (?: \. (?P<precision> \* | (?: [0-9]+ | {_IDENTIFIER} )\$ | [0-9]+ )? )?
            (?P<kind> [xX]?\? | {_IDENTIFIER} )?
        )? \s* \}} )
    | (?P<stray> [{{}}] )
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = frozenset({"", "?", "x?", "X?", "o", "x", "X", "p", "b", "e", "E"})
_LARGEST = 65535


@dataclass(frozen=True)
class Problem:
    """What is wrong with characters `start..end` of the decoded text."""

    message: str
    start: int
    end: int


@dataclass(frozen=True)
class Use:
    """A reference to an argument by position (int) or name (str), at characters `start..end`."""

    argument: int | str
    start: int
    end: int


@dataclass(frozen=True)
class Template:
    """A parsed format string: the arguments it uses, in order, and the first syntax error, if any."""

    uses: tuple[Use, ...]
    error: Problem | None

    @property
    def names(self) -> tuple[Use, ...]:
        """Give the references by name: named arguments or captures."""
        return tuple(use for use in self.uses if isinstance(use.argument, str))


def parse(text: str) -> Template:
    """Parse a decoded format string."""
    uses: list[Use] = []
    following = 0
    for match in _PIECE.finditer(text):
        if match["stray"]:
            return Template(tuple(uses), _stray(text, match.start()))
        if not match["placeholder"]:
            continue
        error = _refused(match)
        if error is not None:
            return Template(tuple(uses), error)
        for count in (match["width"], match["precision"]):
            if count == "*":
                uses.append(Use(following, match.start(), match.end()))
                following += 1
            elif count is not None and count.endswith("$"):
                uses.append(Use(_reference(count[:-1]), match.start(), match.end()))
        argument = match["argument"]
        if argument is None:
            uses.append(Use(following, match.start(), match.end()))
            following += 1
        else:
            uses.append(Use(_reference(argument), match.start(), match.end()))
    return Template(tuple(uses), None)


def _reference(text: str) -> int | str:
    return int(text) if text[0].isdecimal() else text


def _refused(match: re.Match[str]) -> Problem | None:
    """Tell what rustc refuses in a placeholder that has the right form."""
    shown = match["placeholder"]
    kind = match["kind"] or ""
    if kind not in _KINDS:
        return Problem(f"unknown format trait `{kind}` in `{shown}`", match.start(), match.end())
    for part in (match["argument"], match["width"], match["precision"]):
        number = (part or "").removesuffix("$")
        if number == "_":
            return Problem(f"invalid argument name `_` in `{shown}`", match.start(), match.end())
        if number[:1].isdecimal() and (len(number.lstrip("0")) > len(str(_LARGEST)) or int(number) > _LARGEST):
            return Problem(f"`{number[:20]}` in `{shown}` is larger than {_LARGEST}", match.start(), match.end())
    return None


def _stray(text: str, at: int) -> Problem:
    if text[at] == "}":
        return Problem("unmatched `}`", at, at + 1)
    closing = text.find("}", at)
    if closing < 0:
        return Problem("unmatched `{`", at, at + 1)
    shown = " ".join(text[at : closing + 1].split())
    return Problem(f"`{shown}` is no placeholder", at, closing + 1)


def mismatches(template: Template, positional: int, named: tuple[str, ...]) -> list[Problem]:
    """Compare a template with its explicit arguments; names that are no argument are captures and not judged here.

    Named arguments count as positions after the positional ones. Where the text leaves arguments unused, the problem
    spans the whole text from 0.
    """
    count = positional + len(named)
    used: set[int] = set()
    for use in template.uses:
        if isinstance(use.argument, int):
            if use.argument >= count:
                return [Problem(_too_few(template, count, use), use.start, use.end)]
            used.add(use.argument)
        elif use.argument in named:
            used.add(positional + named.index(use.argument))
    return [Problem(_unused(index, positional, named), 0, 0) for index in range(count) if index not in used]


def _too_few(template: Template, count: int, use: Use) -> str:
    wanted = len({other.argument for other in template.uses if isinstance(other.argument, int)})
    there = "1 argument" if count == 1 else f"{count} arguments"
    if isinstance(use.argument, int) and use.argument >= wanted:
        return (
            f"no argument {use.argument}: there is {there}"
            if count == 1
            else f"no argument {use.argument}: there are {there}"
        )
    return f"{wanted} positional placeholder{'s' * (wanted != 1)}, but {there}"


def _unused(index: int, positional: int, named: tuple[str, ...]) -> str:
    if index >= positional:
        return f"named argument `{named[index - positional]}` is never used"
    return f"argument {index} is never used"
