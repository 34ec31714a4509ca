"""The command lines that a Markdown page shows: in code spans and fences, word by word with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_mens.views.markdown import Block, Inline, Page

_SHELLS = {
    "",
    "bash",
    "sh",
    "shell",
    "console",
    "zsh",
    "powershell",
    "pwsh",
    "ps1",
    "text",
    "cmd",
    "bat",
    "shell-session",
}
_INTERPRETERS = ("bash", "sh", "zsh", "pwsh", "powershell", "python", "python3", "source", ".")
_WORD = re.compile(r""""[^"]*"|'[^']*'|&&|\|\||[;|→]|[^\s;|→]+""")
_BREAK = {"&&", "||", ";", "|", "→"}
_OPEN = re.compile(r"[<>{}\[\]*…$()]|\.\.\.")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True)
class Word:
    """One word of a command line. `open` tells that it is, or holds, a placeholder, a glob or a variable."""

    text: str
    line: int
    column: int
    open: bool


@dataclass(frozen=True)
class CommandLine:
    """The words of one command, assignments before it left out, with the block it stands in.

    `inline` is the code span (None in a fence), `lead` tells whether the command begins there.
    """

    words: tuple[Word, ...]
    block: Block
    inline: Inline | None

    @property
    def texts(self) -> tuple[str, ...]:
        """Give the words as text."""
        return tuple(word.text for word in self.words)


def command_lines(page: Page, blocks: Iterable[Block] | None = None) -> Iterator[CommandLine]:
    """Give every line of code that could be a command, in order."""
    for block in page.blocks if blocks is None else blocks:
        if block.kind == "fence":
            if block.info.split(",")[0].split(" ")[0].lower() in _SHELLS:
                yield from _fence(block)
        elif "`" in block.content:
            for inline in block.inlines:
                if inline.kind == "code":
                    yield from _split(_inline_words(block, inline), block, inline)


def code_place(block: Block, inline: Inline, offset: int = 0) -> tuple[int, int]:
    """Give the place of `inline.text[offset]`, the backticks of the span skipped."""
    at = block.content.find(inline.text, inline.start, inline.end)
    return block.place((at if at >= 0 else inline.start + 1) + offset)


def script_word(line: CommandLine, runners: Iterable[str] = ()) -> Word | None:
    """Give the word that names a script: after a shell or one of `runners`, or a path where the command stands."""
    texts = line.texts
    for runner in (texts[:1] if texts[0] in _INTERPRETERS else (), *(tuple(known.split()) for known in runners)):
        if runner and texts[: len(runner)] == runner:
            return next((word for word in line.words[len(runner) :] if not word.text.startswith("-")), None)
    begins = line.inline is None or len(texts) > 1
    return line.words[0] if begins and "/" in texts[0].replace("\\", "/") else None


def _inline_words(block: Block, inline: Inline) -> Iterator[Word]:
    for match in _WORD.finditer(inline.text):
        line, column = code_place(block, inline, match.start())
        yield _word(match.group(), line, column)


def _fence(block: Block) -> Iterator[CommandLine]:
    words: list[Word] = []
    for line in block.lines:
        text = re.sub(r"(?:^|\s)#.*$", "", line.text)
        prompt = re.match(r"\s*(?:\$|>|PS>|%)\s+", text)
        start = prompt.end() if prompt else 0
        continued = text.rstrip().endswith(("\\", "`", "^"))
        body = text.rstrip().rstrip("\\`^") if continued else text
        words.extend(
            _word(match.group(), line.line, line.column + match.start()) for match in _WORD.finditer(body, start)
        )
        if not continued:
            yield from _split(words, block, None)
            words = []
    yield from _split(words, block, None)


def _word(text: str, line: int, column: int) -> Word:
    if text not in _BREAK:
        text = text.rstrip(",;:").removesuffix(".") if text.rstrip(".") and not text.endswith("..") else text
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return Word(text[1:-1], line, column + 1, open=True)
    return Word(text, line, column, open=bool(_OPEN.search(text)))


def _split(words: Iterable[Word], block: Block, inline: Inline | None) -> Iterator[CommandLine]:
    current: list[Word] = []
    for word in words:
        if word.text in _BREAK:
            if current:
                yield CommandLine(tuple(current), block, inline)
            current = []
        elif current or not _ASSIGNMENT.match(word.text):
            current.append(word)
    if current:
        yield CommandLine(tuple(current), block, inline)
