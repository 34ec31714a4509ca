"""Sentences and clauses, and which subject an attribute belongs to: wording judged by what it says.

No grammar, but more than a search for words: a passage is cut into sentences and clauses (parentheses stay with their
head, code spans whole), known phrases are found in them, and an attribute is bound to its subject by position, copula
and negation. The phrases are the caller's; this module knows only the punctuation and the small words of English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

_OPENING = {"(": ")", "[": "]", "{": "}"}
_PARENTHESIS = re.compile(r"[()\[\]{}]")
_COPULA = re.compile(r"\b(?:is|are|was|remains?|stays?|becomes?|means|being)\b|[=:]")
_VERB = re.compile(r"\b(?:is|are|was|remains?|stays?|becomes?|means|being)\b")
_PREDICATE = re.compile(_VERB.pattern + r"[^,;:]*\Z")
_AND = re.compile(r"\band\b", re.IGNORECASE)
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|vs|etc|cf|approx|incl|resp|no|ca|fig)\.$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?=[)\"'\u201d*_]*\s)|;|\n[ \t]*\n")
_WORD = re.compile(r"[A-Za-z0-9_'\u2019-]+")
_NEGATION = re.compile(
    r"\b(?:not|never|no|cannot|without|neither|nor|none|unless|"
    r"(?:does|do|is|are|was|were|did|has|have|could|would|should|must)n['\u2019]t|(?:won|can)['\u2019]t|no longer)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Term:
    """A known phrase found in a text: its class, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Clause:
    """A piece of a text that says one thing. `opener` is the word of contrast that set it off, or empty.

    `asks` tells whether its sentence is a question, which asserts nothing.
    """

    start: int
    end: int
    opener: str = ""
    asks: bool = False


class Lexicon:
    """Phrases by class. A phrase in lower case is found in any case, one with a capital only as written.

    Where phrases overlap the longest wins, so `off by default` hides the `default` in it.
    """

    def __init__(self, vocabulary: Mapping[str, Sequence[str]]) -> None:
        self._kinds = {phrase: kind for kind, phrases in vocabulary.items() for phrase in phrases}
        phrases = sorted(self._kinds, key=len, reverse=True)
        self._pattern = _any_of(phrases)
        self._exact = {phrase.lower(): phrase for phrase in phrases if phrase != phrase.lower()}

    def terms(self, text: str, start: int = 0, end: int | None = None) -> tuple[Term, ...]:
        """Give the phrases in `text[start:end]`, in order, none overlapping."""
        stop = len(text) if end is None else end
        found = []
        for match in self._pattern.finditer(text, start, stop):
            written = " ".join(match.group().split())
            phrase = written.lower()
            if phrase not in self._kinds:
                phrase = self._exact[phrase]
                if written != phrase:
                    continue
            found.append(Term(self._kinds[phrase], match.group(), match.start(), match.end()))
        return tuple(found)


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Give a pattern for any of the phrases as whole words in any case, the first that fits."""
    bodies = "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in phrases)
    return re.compile(rf"(?<![\w-])(?:{bodies or '(?!)'})(?!\w)", re.IGNORECASE)


def _protected(text: str, code: Sequence[tuple[int, int]]) -> str:
    """Give `text` of the same length in which code holds nothing that could end a sentence or open a parenthesis."""
    spans = list(code) or [match.span() for match in re.finditer(r"`[^`\n]+`", text)]
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], "".join(char if char.isalnum() else "_" for char in text[max(at, start) : end]))
        at = max(at, end)
    return "".join((*parts, text[at:]))


def sentences(text: str, code: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[int, int]]:
    """Give the (start, end) of every sentence. A `;` ends one, but not inside parentheses; nor does an abbreviation."""
    safe = _protected(text, code)
    yield from _sentences(safe, _depths(safe))


def _sentences(safe: str, depths: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE_END.finditer(safe):
        if depths[match.start()] and match.group() == ";":
            continue
        if match.group() == "." and _ABBREVIATION.search(safe, max(0, match.start() - 8), match.end()):
            continue
        if safe[start : match.end()].strip():
            yield start, match.end()
        start = match.end()
    if safe[start:].strip():
        yield start, len(safe)


def clauses(
    text: str, splitters: Collection[str], code: Sequence[tuple[int, int]] = (), start: int = 0, end: int | None = None
) -> Iterator[Clause]:
    """Give the clauses of `text[start:end]`: its sentences, cut at every word of `splitters` outside parentheses."""
    stop = len(text) if end is None else end
    safe = _protected(text, code)
    depths = _depths(safe)
    pattern = _splitter(tuple(splitters))
    for first, last in _sentences(safe, depths):
        if last <= start or first >= stop:
            continue
        at, opener = max(first, start), ""
        asks = _ASKS.search(safe, max(first, last - 10), last) is not None
        last = min(last, stop)  # noqa: PLW2901 - a sentence that reaches beyond the piece asked for
        for match in pattern.finditer(safe, at, last):
            if depths[match.start()]:
                continue
            yield Clause(at, match.start(), opener, asks)
            at, opener = match.end(), match.group().strip().lower()
        yield Clause(at, last, opener, asks)


@lru_cache(maxsize=32)
def _splitter(words: tuple[str, ...]) -> re.Pattern[str]:
    return _any_of(sorted(words, key=len, reverse=True))


def _depths(text: str) -> list[int]:
    """Give for every character how many parentheses stand around it; one that is never closed does not count."""
    steps = [0] * (len(text) + 2)
    stack: list[tuple[str, int]] = []
    for match in _PARENTHESIS.finditer(text):
        char = match.group()
        if char in _OPENING:
            stack.append((_OPENING[char], match.start()))
        elif stack and char == stack[-1][0]:
            steps[stack.pop()[1]] += 1
            steps[match.end()] -= 1
    return list(accumulate(steps))


_INSERTION = re.compile(r",\s+(?:not|unlike|instead of|rather than)\s[^,.;]{1,40},")

_PREFERRED = re.compile(
    r"\b(?:pick|choose|prefer|select|favou?r|take|use)\b[^.,;]{1,60}?(\s+over\s+[`*]*(?:--[\w-]+[ =])?[\w-]+)",
    re.IGNORECASE,
)

_FORWARD = frozenset({"no", "without", "none", "neither", "nor"})
"""Negations that deny what follows them, never what stands before."""


def without_insertions(text: str) -> str:
    """Blank what is put in between or ranked lower: "A, not B, is the default" and "pick A over B" speak of A."""
    text = _INSERTION.sub(lambda match: " " * len(match.group()), text)
    for match in _PREFERRED.finditer(text) if " over " in text else ():
        start, end = match.span(1)
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def negated(text: str, clause: Clause, term: Term, others: Collection[Term] = (), *, later: bool = True) -> bool:
    """Tell whether the clause denies `term`: by a negation in it whose object is not one of the `others`.

    In "A does X, not Y" the negation speaks of Y alone, since Y follows it directly; in "X needs no Y" the `no` speaks
    of what follows. With `later` false, negations after the term do not count.
    """
    for match in _negations(text, clause.start, clause.end):
        if any(known.start <= match.start() < known.end for known in (term, *others)):
            continue
        if match.group().lower() == "without" and "," in text[match.end() : term.start]:
            continue
        if match.start() >= term.end and (not later or match.group().lower() in _FORWARD):
            continue
        target = next(
            (
                other
                for other in (term, *others)
                if other.start >= match.end() and _near(text, match.end(), other.start)
            ),
            None,
        )
        if target is None or target == term:
            return True
    return False


@lru_cache(maxsize=16)
def _negations(text: str, start: int, end: int) -> tuple[re.Match[str], ...]:
    """Give the negations of a clause, which are asked for with every term of it."""
    return tuple(_NEGATION.finditer(text, start, end))


def is_negation(word: str) -> bool:
    """Tell whether `word` denies."""
    return _NEGATION.fullmatch(word) is not None


_PAST = re.compile(r"\b(?:was|were|used\s+to\s+be|former(?:ly)?|previous(?:ly)?)\b", re.IGNORECASE)
_WAS = re.compile(r"[`*_]*\s+(?:[\w-]+\s+)?(?:was|used\s+to\s+be)\b", re.IGNORECASE)
_ASKS = re.compile(r"\?[)\"'\u201d*_`]*\s*\Z")
_WISHED = re.compile(
    r"(?:\b(?:need|want|prefer|require)(?:s|ed|ing)?|\b(?:looking|wish(?:ing)?)\s+for|\bfor|"
    r"\bto\s+(?:train|get|have|run|use))\s+(?:(?:a|an|the|some|with)\s+)?[`*\"(]*\Z",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\s*[,:]?\s*(?:(?:just|simply|please|then)\s+)*"
    r"(?:use|pass|run|choose|pick|select|try|take|set|add|go\s+(?:with|for)|switch\s+to)\s+(?:the\s+)?[`*\"]*",
    re.IGNORECASE,
)
_OBJECT_OF = re.compile(
    r"\b(?:overrid\w+|instead\s+of|rather\s+than|other\s+than|unlike)\s+(?:(?:the|this|that|its)\s+)?[`*]*\Z",
    re.IGNORECASE,
)


def past(text: str, clause: Clause, term: Term) -> bool:
    """Tell whether `term` is said to have been: "S was the default", "S is the former default", "the default was S"."""
    return (_PAST.search(text, clause.start, term.start) or _WAS.match(text, term.end, clause.end)) is not None


def wished(text: str, clause: Clause, term: Term) -> bool:
    """Tell whether the words before `term` ask for it: "need T", "for T", "to train T"; not "no need for T"."""
    found = _WISHED.search(text, clause.start, term.start)
    return found is not None and not _NEGATION.search(text, clause.start, term.start)


def advice(text: str, start: int, end: int) -> int | None:
    """Give where what is advised begins when `text[start:end]` begins with advice: "use X", ", run X"."""
    found = _ADVICE.match(text, start, end)
    return found.end() if found else None


def denied_between(text: str, start: int, end: int) -> bool:
    """Tell whether a negation stands between two places: "the default does not include S"."""
    return start < end and _NEGATION.search(text, start, end) is not None


def set_against(text: str, term: Term) -> bool:
    """Tell whether something else is set against `term`: "override the default", "instead of the default"."""
    return _OBJECT_OF.search(text, max(0, term.start - 40), term.start) is not None


_COPULA_BEFORE = re.compile(r"(?:\b(?:is|are|remains?|stays?|becomes?|to)|[:=(])[\s`*_\"']*\Z", re.IGNORECASE)


def follows_copula(text: str, term: Term) -> bool:
    """Tell whether `term` is a predicate: "it is T", "default: T"."""
    return _COPULA_BEFORE.search(text, max(0, term.start - 20), term.start) is not None


_PRONOUNS = frozenset({"it", "this", "that", "these", "those", "they", "which", "both"})
_COPULAS = frozenset({"is", "are", "remains", "remain", "stays", "becomes", "being", "means"})
_FILLERS = frozenset({"the", "a", "an", "now", "still", "also", "and", "our", "currently", "again", "always", "here"})


def elliptical(before: str, heads: Collection[str] = ()) -> bool:
    """Tell whether a clause that begins with `before` has no subject of its own: "It is the", "Now the", nothing.

    An article alone opens a subject ("the default X stands ..."); a demonstrative may have one of `heads` beside it.
    """
    words = [match.group().lower() for match in _WORD.finditer(before)]
    pointing = any(word in _PRONOUNS for word in words)
    known = _PRONOUNS | _COPULAS | _FILLERS | (frozenset(heads) if pointing else frozenset())
    if not all(word in known for word in words):
        return False
    return not words or pointing or any(word in _COPULAS for word in words)


def in_parentheses(text: str, term: Term) -> bool:
    """Tell whether `term` ends a parenthesis, as in "S (default) needs ..."."""
    return text[term.end :].lstrip(" `*_").startswith(")")


def aside(text: str, subject: Term, term: Term) -> bool:
    """Tell whether `subject` stands in parentheses that close before `term`, as S does in "R (unlike S) has T"."""
    opening = text.rfind("(", 0, subject.start)
    closing = text.find(")", subject.end, term.start)
    return closing >= 0 and opening > text.rfind(")", 0, subject.start)


_REFUSAL = re.compile(
    r"(?:\b(?:not|never|no longer|avoid|retired|deprecated|instead of|rather than|replaced|formerly)|\b\w+n['\u2019]t)"
    r"(?:\W+\w+){0,3}\W*\Z",
    re.IGNORECASE,
)


def refuses(before: str) -> bool:
    """Tell whether the words directly before something say not to do it: "never run ...", "instead of ..."."""
    return _REFUSAL.search(before) is not None


def _near(text: str, start: int, end: int, words: int = 3) -> bool:
    between = text[start:end]
    return len(_WORD.findall(between)) <= words and not re.search(r"[,;.()\u2013\u2014\u2192]|->", between)


def bound(
    text: str, attribute: Term, subjects: Sequence[Term], window: int = 12, *, forward: bool = True
) -> Term | None:
    """Give the subject that `attribute` is said of, among the `subjects` of the same clause.

    "S attribute" (directly after it), "default S" (directly before it), "the default X is S" (after a copula), "S is
    the default", "S (default)" (the nearest before), else the nearest after; the last only with `forward`. Not farther
    away than `window` words.
    """
    before = next((subject for subject in reversed(subjects) if subject.end <= attribute.start), None)
    after = next((subject for subject in subjects if subject.start >= attribute.end), None)
    if before and not text[before.end : attribute.start].strip(" `*_"):
        return before
    if after:
        between = text[attribute.end : after.start]
        copula = _COPULA.search(between) is not None
        if not copula and _near(text, attribute.end, after.start, 2):
            predicate = before and _PREDICATE.search(text, before.end, attribute.start)
            joined = before and _AND.search(text, attribute.end, after.start)
            if not predicate and not joined:
                return after
        if copula and forward and not before:
            return after
    if before and _within(text, before.end, attribute.start, window):
        return before
    if after and forward and _within(text, attribute.end, after.start, window):
        return after
    return None


def _within(text: str, start: int, end: int, window: int) -> bool:
    return len(_WORD.findall(text, start, end)) <= window


_SMALL_WORDS = frozenset(
    {"for", "in", "on", "at", "with", "when", "while", "since", "until", "unless", "if", "and", "or", "but", "so", "as"}
    | {"to", "by", "from", "via", "because", "that", "which", "is", "are", "was", "remains", "stays", "means"}
)


def open_ended(text: str, start: int, end: int, heads: Collection[str] = (), reach: int = 2) -> bool:
    """Tell whether an attribute that ends at `start` describes what is about, not a noun of its own.

    True at the end, before punctuation, before a small word and when one of the `heads` is among the next `reach`
    words ("default server", "default web server").
    """
    rest = text[start:end].lstrip(" *_`\"'")
    words = [match.group().lower() for match in _WORD.finditer(rest)][:reach]
    if not words or not _WORD.match(rest) or words[0] in _SMALL_WORDS:
        return True
    return any(word in heads for word in words)


def adjoins(text: str, start: int, end: int) -> bool:
    """Tell whether at most one word and no punctuation lie between two places."""
    return _near(text, start, end, 1)


def words_between(text: str, left: Term, right: Term) -> int:
    """Give the number of words between two terms."""
    first, second = (left, right) if left.start <= right.start else (right, left)
    return len(_WORD.findall(text[first.end : second.start]))


def words_after(text: str, start: int, end: int, count: int) -> Iterator[str]:
    """Give the first `count` words of `text[start:end]`."""
    for number, match in enumerate(_WORD.finditer(text, start, end)):
        if number == count:
            return
        yield match.group()
