"""Whether a page says of what it names that it is gone: in the sentence around a code span, or in the row it heads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import defaults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mens.views.markdown import Block, Inline

_SENTENCE_END = re.compile(r"[.;!?]\s+(?=[A-Z*`(])|\n")
_EMPHASIS = str.maketrans("", "", "*_`\\")
_OTHER_MARKUP = ("](", "][", "&", "<")


class Retirement:
    """Finds `words` (regular expressions) that say that a thing is gone."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = re.compile(rf"(?i)\b(?:{'|'.join(words)})\b") if words else None
        self._sentences: dict[int, dict[int, str]] = {}
        self._possible: dict[int, bool] = {}

    def of_line(self, block: Block, inline: Inline) -> bool:
        """Tell whether the sentence around a code span, or the row it heads, says that the thing is gone."""
        if self._words is None:
            return False
        if block.kind == "cell" and block.index == 0 and block.parent:
            cells = block.parent.children
            return any(map(self._may, cells)) and bool(self._words.search(block.parent.text))
        return self.of_span(block, inline)

    def of_span(self, block: Block, inline: Inline) -> bool:
        """Tell whether the sentence around a code span says that something is gone."""
        if self._words is None or not self._may(block):
            return False
        return bool(self._words.search(self._sentence_of(block, inline)))

    def _may(self, block: Block) -> bool:
        """Tell from its source alone whether a block may say that something is gone: few do."""
        if id(block) not in self._possible:
            source = " ".join(block.content.translate(_EMPHASIS).split())
            unclear = any(mark in source for mark in _OTHER_MARKUP)
            self._possible[id(block)] = unclear or (self._words is not None and bool(self._words.search(source)))
        return self._possible[id(block)]

    def _sentence_of(self, block: Block, inline: Inline) -> str:
        """Give the sentence that holds a code span of the block."""
        known = self._sentences.get(id(block))
        if known is None:
            text = block.plain.text
            bounds = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
            known = {}
            at = 0
            for span in defaults.spans_of(block):
                while at + 2 < len(bounds) and bounds[at + 1] <= span.start:
                    at += 1
                stop = next((bound for bound in bounds[at + 1 :] if bound >= span.end), len(text))
                known[id(span.inline)] = text[bounds[at] : stop]
            self._sentences[id(block)] = known
        return known.get(id(inline), "")
