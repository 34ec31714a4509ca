"""A pattern occurs in the files that a glob names, or does not occur in any of them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_mens.model import Finding, SubjectMissingError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target

SECONDS = 5.0
"""How long the pattern may search one file; a pattern can be written so that it never ends."""


@dataclass(frozen=True)
class Params:
    """`pattern` is a regular expression of the `regex` module, in which `^` and `$` match at every line.

    `expect = "absent"` forbids it in `files` (globs as in a .gitignore, without `unless`); `"present"` wants it in at
    least one of them, `"everywhere"` in each. `message` and `help` replace the wording of the finding.
    """

    pattern: str
    files: tuple[str, ...]
    expect: Literal["absent", "present", "everywhere"]
    unless: tuple[str, ...] = ()
    message: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no regular expression."""
        import regex

        try:
            _compile(self.pattern)
        except regex.error as error:
            raise ValueError(f"pattern is not a regular expression: {error}") from None


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Yield every forbidden occurrence, or the files that lack a wanted one."""
    spared = set(target.glob(*params.unless)) if params.unless else set()
    paths = [path for path in target.glob(*params.files) if path not in spared]
    if not paths:
        raise SubjectMissingError(f"no file matches {', '.join(map(repr, params.files))}")
    lacking = []
    for path in paths:
        text = target.text(path)
        places = _search(params.pattern, path, text)
        if params.expect == "absent":
            yield from (_forbidden(params, path, text, start, stop) for start, stop in places)
        elif not places:
            lacking.append(path)
    if params.expect == "everywhere" or (params.expect == "present" and len(lacking) == len(paths)):
        for path in lacking if params.expect == "everywhere" else lacking[:1]:
            message = params.message or f"{params.pattern!r} does not occur here, but must"
            yield Finding(path, message, help=params.help)


def _compile(pattern: str) -> Any:
    import regex

    return regex.compile(pattern, regex.MULTILINE)


def _search(pattern: str, path: str, text: str) -> list[tuple[int, int]]:
    try:
        return [match.span() for match in _compile(pattern).finditer(text, timeout=SECONDS)]
    except TimeoutError:
        raise UnreadableError(path, f"the pattern took longer than {SECONDS:.0f} s") from None


def _forbidden(params: Params, path: str, text: str, start: int, stop: int) -> Finding:
    starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
    line = bisect_right(starts, start)
    last = bisect_right(starts, stop)
    end = (last, stop - starts[last - 1] + 1)
    message = params.message or f"{text[start:stop]!r:.120} matches {params.pattern!r}, which must not occur"
    return Finding(path, message, line, start - starts[line - 1] + 1, end, help=params.help)
