"""The inline tokens of a Markdown block with the offsets at which they start, which markdown-it does not keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from markdown_it.rules_inline import StateInline, emphasis, link_pairs

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


def tokenize(parser: MarkdownIt, source: str, references: dict[str, Any]) -> tuple[list[Token], list[int]]:
    """Split `source` into tokens and give the offset of each; text is left in the pieces the rules pushed."""
    state = _PlacedState(source, parser, references, [])
    parser.inline.tokenize(state)
    link_pairs(state)
    emphasis.postProcess(state)
    return state.tokens, state.places


class _PlacedState(StateInline):
    """The state of the rules that also records where each token starts."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.places: list[int] = []
        self._run = (-1, 0)

    def pushPending(self) -> Token:  # noqa: N802 - the name of the method of markdown-it
        text = self.pending
        start = self.pos - len(text)
        if self.src[start : self.pos] != text:
            start = self._before_stripped(text)
        self.places.append(max(start, 0))
        return super().pushPending()

    def _before_stripped(self, text: str) -> int:
        """Find pending text that does not end here: blanks before a line end, or the `[` of a link, follow it."""
        end = self.src.rfind(text, 0, self.pos)
        return end if end >= 0 else self.pos - len(text)

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        if self.pending:
            self.pushPending()
        place = self.pos
        if ttype == "link_open" and self.src[self.pos - 1 : self.pos] == "[":
            place -= 1
        elif ttype == "text":
            # a run of `*` or `_` is pushed one by one without moving on
            self._run = (self.pos, self._run[1] + 1 if self._run[0] == self.pos else 0)
            place += self._run[1]
        self.places.append(place)
        return super().push(ttype, tag, nesting)
