"""Training text mentions a legacy thing only with its label, and never as the default."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import markdown, passages, prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mens.target import Target

_POINTS = re.compile(r"(?:\A|\])\W*(?:this|these|it)\b|\b(?:the\s+following|above|below)\b", re.IGNORECASE)
_HELP_LABEL = "say in the same block, its heading or the block beside it that this is legacy or opt-in"
_HELP_DEFAULT = "tell the default story instead, and name this as legacy or opt-in"
_NOT_JUST_BEFORE = re.compile(
    r"(?:\b(?:not|never|hardly)|\b\w+n['\u2019]t|\bno longer)\s+(?:(?:a|an|the|just|only)\s+)?\Z", re.IGNORECASE
)
_STOP = re.compile(r"[,.;|](?:\s|\Z)|\n")
_NEAR = 400
"""Characters around a noun in which what makes it a trigger must stand: more than a sentence has."""
_DENIED = re.compile(
    r"(?:\b(?:not|never|no|without)|\b\w+n['\u2019]t|\bno longer)(?:[\s`*]+(?!only\b|just\b)[\w-]+){0,2}[\s`*]+\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Noun:
    """A name that is also a common word, and also the name of what others use.

    It counts with one of `beside` (beginnings of words) near it or an assertion in its sentence, and with one of
    `subjects` in its sentence or one of `makers` in its block. Followed by one of `verb_followers` it is a verb; so it
    is at the start of a sentence with one of `verb_complements` in reach.
    """

    words: tuple[str, ...]
    beside: tuple[str, ...]
    subjects: tuple[str, ...]
    makers: tuple[str, ...]
    verb_followers: tuple[str, ...]
    verb_complements: tuple[str, ...]
    reach: int = 4


@dataclass(frozen=True)
class Story:
    """Where the default story is told: a page found by name, and the heading of the section. `tellers` may lead it."""

    page: str
    section: str
    tellers: tuple[str, ...]
    files: str
    """A pattern for the code spans of the section that name files of the default story."""


@dataclass(frozen=True)
class Params:
    """What counts as training text, the triggers in it, and the phrases that label, assert, lead and contrast."""

    pages: tuple[str, ...]
    excluded: passages.Exclusion
    texts: tuple[str, ...]
    triggers: tuple[str, ...]
    noun: Noun
    labels: tuple[str, ...]
    assertions: tuple[str, ...]
    off: tuple[str, ...]
    heads: tuple[str, ...]
    leads: tuple[str, ...]
    contrast: tuple[str, ...]
    story: Story


@dataclass(frozen=True)
class _Told:
    """The default story as the target tells it: the names that lead it, and where it stands."""

    names: tuple[str, ...]
    related: tuple[Related, ...]


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge every passage of the training text in which a trigger stands."""
    rule = _Rule(target, params)
    judged = False
    for passage in rule.scope():
        reading = _Reading(rule, passage)
        triggers = rule.triggers(reading)
        if triggers:
            judged = True
            yield from rule.judge(reading, triggers)
    if not judged:
        raise SubjectMissingError(f"no training text mentions {' or '.join(params.triggers)}")


class _Rule:
    """The parameters, compiled once for a run."""

    def __init__(self, target: Target, params: Params) -> None:
        self.target = target
        self.params = params
        literal = "|".join(rf"(?<![\w.+-]){re.escape(trigger)}(?!\w|\.\w)" for trigger in params.triggers)
        words = "|".join(re.escape(word) for word in sorted(params.noun.words, key=len, reverse=True))
        self.literal = re.compile(literal)
        self.noun = re.compile(rf"(?<![\w/.-])(?:{words})(?!\w)")
        self.wanted = re.compile(f"{literal}|(?:{words})")
        near = "|".join(re.escape(word) for word in (*params.noun.beside, *params.assertions))
        self.near = re.compile(near, re.IGNORECASE)
        self.subjects = prose.Lexicon({"subject": params.noun.subjects, "maker": params.noun.makers})
        self.against = prose.Lexicon({"contrast": params.contrast})
        self.labels = prose.Lexicon({"label": params.labels, "assertion": params.assertions})
        self.told = _story(target, params.story)
        self.splitters = tuple(word for word in params.contrast if not prose.is_negation(word))
        self.vocabulary = prose.Lexicon(
            {
                "label": params.labels,
                "assertion": params.assertions,
                "off": params.off,
                "rival": (*self.told.names, *params.leads),
            }
        )

    def scope(self) -> Iterator[passages.Passage]:
        """Give the passages that may hold a trigger: narrowed by bytes, then by the source of each block."""
        params = self.params
        words = {*params.triggers, *params.noun.words}
        needles = [word.encode() for word in words if not any(other in word for other in words - {word})]
        for path in self.target.containing(needles, self.target.glob(*params.pages)):
            text = self.target.text(path, markdown.MARKDOWN_LIMIT)
            if self._worth(text) and not params.excluded.covers(self.target, path):
                yield from passages.of_page(markdown.excerpt(self.target, path, self._worth, around=1), self.wanted)
        for path in self.target.containing(needles, self.target.glob(*params.texts)):
            yield from passages.of_file(self.target, path, self.wanted)

    def _worth(self, piece: str) -> bool:
        """Tell whether a piece of a page may hold a trigger, before it is parsed; plain searches come first."""
        if any(True for _ in _at(self.literal, self.params.triggers, piece)):
            return True
        nouns = _at(self.noun, self.params.noun.words, piece)
        return any(self.near.search(piece, max(0, m.start() - _NEAR), m.end() + _NEAR) for m in nouns)

    def triggers(self, reading: _Reading) -> list[prose.Term]:
        """Give the triggers of a passage in order: the literal ones, and the noun where it is one."""
        text = reading.text
        found = [prose.Term("trigger", m.group(), m.start(), m.end()) for m in self.literal.finditer(text)]
        nouns = [prose.Term("trigger", m.group(), m.start(), m.end()) for m in self.noun.finditer(text)]
        found += [noun for noun in nouns if self._is_noun(reading, noun)]
        return sorted(found, key=lambda term: term.start)

    def _is_noun(self, reading: _Reading, noun: prose.Term) -> bool:
        params = self.params.noun
        text = reading.text
        first, last = reading.sentence(noun.start)
        if self._is_verb(text, noun, first, last):
            return False
        if not (reading.by_maker or _within(reading.abouts, first, last)):
            return False
        before = max(first, noun.start - _NEAR)
        if any(prose.adjoins(text, term.end, noun.start) for term in self.against.terms(text, before, noun.start)):
            return False
        if _denied(text, noun):
            return False
        beside = _near(reading.passage, noun, (first, last), params.reach)
        if any(word.lower().startswith(params.beside) for word in beside):
            return True
        return any(term.kind == "assertion" for term in _within(reading.terms, first, last))

    def _is_verb(self, text: str, word: prose.Term, first: int, last: int) -> bool:
        """Tell whether the word is the verb of its sentence: "Express your routes", "Express routes as types"."""
        params = self.params.noun
        if not text[word.end : word.end + 1].isspace():
            return False
        followers = [found.lower() for found in prose.words_after(text, word.end, last, params.reach)]
        if followers and followers[0] in params.verb_followers:
            return True
        opens = not text[first : word.start].strip(" `*_-\n")
        return opens and any(found in params.verb_complements for found in followers)

    def judge(self, reading: _Reading, triggers: Sequence[prose.Term]) -> Iterator[Finding]:
        """Yield what asserts the legacy thing as default, else the lines whose trigger has no label in scope."""
        passage = reading.passage
        asserted = list(self.assertions(passage, triggers))
        for trigger, assertion in asserted:
            what = f"{trigger.text!r} is put forward as {assertion.text!r}: {_quote(passage.text, trigger, assertion)}"
            yield self._finding(passage, trigger, what, _HELP_DEFAULT)
        if asserted or self.labelled(passage):
            return
        lines: set[int] = set()
        for trigger in triggers:
            line = passage.place(trigger.start)[0]
            if line in lines or _denied(passage.text, trigger) or self._contrasted(reading, trigger):
                continue
            lines.add(line)
            what = f"{trigger.text!r} stands in training text without a label such as {self.params.labels[0]!r}"
            yield self._finding(passage, trigger, f"{what}: {_quote(passage.text, trigger)}", _HELP_LABEL)

    def _finding(self, passage: passages.Passage, trigger: prose.Term, message: str, text: str) -> Finding:
        line, column = passage.place(trigger.start)
        end = (line, column + len(trigger.text))
        return Finding(passage.path, message, line, column, end, help=text, related=self.told.related)

    def assertions(
        self, passage: passages.Passage, triggers: Sequence[prose.Term]
    ) -> Iterator[tuple[prose.Term, prose.Term]]:
        """Give each assertion of the passage that is said of a trigger, with that trigger; a trigger once."""
        nouns = [prose.Term("trigger", m.group(), m.start(), m.end()) for m in self.noun.finditer(passage.text)]
        subjects = sorted({term.start: term for term in (*nouns, *triggers)}.values(), key=_start)
        last: prose.Term | None = None
        seen: set[prose.Term] = set()
        text = prose.without_insertions(passage.text)
        for clause in prose.clauses(text, self.splitters, passage.code):
            if clause.asks:
                continue
            inside = [
                term for term in _within(subjects, clause.start, clause.end) if text[term.start : term.end].strip()
            ]
            terms = [
                term
                for term in self.vocabulary.terms(text, clause.start, clause.end)
                if all(term.end <= subject.start or subject.end <= term.start for subject in inside)
            ]
            rivals = [term for term in terms if term.kind == "rival"]
            candidates = sorted([*inside, *rivals], key=_start)
            for assertion in (term for term in terms if term.kind == "assertion"):
                if self._is_off(text, assertion, terms):
                    continue
                if candidates:
                    said = self._said_of(text, clause, assertion, candidates)
                else:
                    carried = last is not None and self._carries_on(text, clause, assertion)
                    said = self._said_of(text, clause, assertion, [last]) if last and carried else None
                if said is not None and said.kind == "trigger" and said not in seen and not _denied(text, said):
                    seen.add(said)
                    yield said, assertion
            last = candidates[-1] if candidates else last

    def _is_off(self, text: str, assertion: prose.Term, terms: Sequence[prose.Term]) -> bool:
        """Tell whether what is asserted is to be off: "unset by default", "default: off", "by default it is off"."""
        for off in terms:
            if not off.text.lower().startswith(self.params.off):
                continue
            if prose.words_between(text, off, assertion) <= 1 or prose.follows_copula(text, off):
                return True
        return False

    def _carries_on(self, text: str, clause: prose.Clause, assertion: prose.Term) -> bool:
        """Tell whether a clause without a subject of its own goes on about the last: "it is the default"."""
        before = text[clause.start : assertion.start]
        return prose.elliptical(before, self.params.heads)

    def _said_of(
        self, text: str, clause: prose.Clause, assertion: prose.Term, candidates: Sequence[prose.Term]
    ) -> prose.Term | None:
        later = not prose.in_parentheses(text, assertion)
        if prose.negated(text, clause, assertion, candidates, later=later) or prose.past(text, clause, assertion):
            return None
        if prose.open_ended(text, assertion.end, clause.end, self.params.heads):
            said = prose.bound(text, assertion, candidates, window=30)
            return None if said and prose.denied_between(text, assertion.end, said.start) else said
        following = next((term for term in candidates if term.start >= assertion.end), None)
        return following if following and prose.adjoins(text, assertion.end, following.start) else None

    def labelled(self, passage: passages.Passage) -> bool:
        """Tell whether a label counts: the passage's own, a heading's, its table head's, a related neighbour's."""
        scopes = [passage.text, *passage.headings, *passage.heads]
        scopes += [
            text
            for text in passage.around
            if self.literal.search(text) or self.noun.search(text) or (passage.kind == "fence" and _points(text))
        ]
        return any(self._has_label(text) for text in scopes)

    def _has_label(self, text: str) -> bool:
        return any(
            term.kind == "label" and not _NOT_JUST_BEFORE.search(text, 0, term.start)
            for term in self.labels.terms(text)
        )

    def _contrasted(self, reading: _Reading, trigger: prose.Term) -> bool:
        """Tell whether the default story comes first: it leads the block, or the trigger is set against it."""
        first, _ = reading.sentence(trigger.start)
        for term in reading.terms:
            if term.start >= trigger.start:
                break
            if term.kind != "rival":
                continue
            if term.text in self.params.leads:
                return True
            if term.start >= first and self.against.terms(reading.text, term.end, trigger.start):
                return True
        return False


def _points(text: str) -> bool:
    """Tell whether a block points at the fence beside it: "This is ...", "The following ...", "... above", "...:"."""
    return text.rstrip(" *_").endswith(":") or _POINTS.search(text) is not None


def _at(pattern: re.Pattern[str], words: Sequence[str], text: str) -> Iterator[re.Match[str]]:
    """Give where `pattern` matches at one of `words`, found by plain searches: most texts have none."""
    for word in words:
        start = text.find(word)
        while start >= 0:
            match = pattern.match(text, start)
            if match:
                yield match
            start = text.find(word, start + 1)


class _Reading:
    """A passage with what is asked of it again and again."""

    def __init__(self, rule: _Rule, passage: passages.Passage) -> None:
        self.passage = passage
        self.text = passage.text
        self._rule = rule

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        return list(prose.sentences(self.text, self.passage.code))

    def sentence(self, index: int) -> tuple[int, int]:
        """Give the (start, end) of the sentence around `text[index]`."""
        at = bisect_right(self.sentences, (index, len(self.text))) - 1
        return self.sentences[at] if at >= 0 else (0, len(self.text))

    @cached_property
    def terms(self) -> tuple[prose.Term, ...]:
        """Give labels, assertions and the names of the default story."""
        return self._rule.vocabulary.terms(self.text)

    @cached_property
    def abouts(self) -> tuple[prose.Term, ...]:
        """Give the words that make the passage one about the project."""
        return self._rule.subjects.terms(_without_paths(self.passage))

    @cached_property
    def by_maker(self) -> bool:
        """Tell whether it speaks of what makes the project's output."""
        return any(term.kind == "maker" for term in self.abouts)


def _within(terms: Sequence[prose.Term], first: int, last: int) -> Sequence[prose.Term]:
    """Give the terms that start between two places; `terms` are in order."""
    start = bisect_left(terms, first, key=_start)
    return terms[start : bisect_left(terms, last, key=_start)]


def _denied(text: str, term: prose.Term) -> bool:
    """Tell whether the words directly before `term` say that there is none."""
    return _DENIED.search(text, max(0, term.start - _NEAR), term.start) is not None


def _start(term: prose.Term) -> int:
    return term.start


def _near(passage: passages.Passage, noun: prose.Term, sentence: tuple[int, int], reach: int) -> Iterator[str]:
    """Give the words around a noun, up to a comma or a code span: what it is beside."""
    text = passage.text
    first, last = max(sentence[0], noun.start - _NEAR), min(sentence[1], noun.end + _NEAR)
    stops = [match.start() for match in _STOP.finditer(text, first, last)]
    spans = passage.code[bisect_left(passage.code, (first, 0)) : bisect_left(passage.code, (last, 0))]
    stops += [at for span in spans for at in span if not span[0] <= noun.start < span[1]]
    before = max([first, *(stop for stop in stops if stop <= noun.start)])
    after = min([last, *(stop for stop in stops if stop >= noun.end)])
    yield from re.findall(r"[A-Za-z.]+", text[noun.end : after])[:reach]
    yield from re.findall(r"[A-Za-z.]+", text[before : noun.start])[-reach:]


def _without_paths(passage: passages.Passage) -> str:
    """Give the text with code spans that are paths blanked: `crates/x-codegen/src` speaks of no codegen."""
    text = list(passage.text)
    for start, end in passage.code:
        if re.search(r"[/\\]|\.\w+$", passage.text[start:end]):
            text[start:end] = " " * (end - start)
    return "".join(text)


def _quote(text: str, *terms: prose.Term, width: int = 90) -> str:
    """Give the sentence-sized piece of text around the terms, on one line."""
    start = min(term.start for term in terms)
    end = max(term.end for term in terms)
    room = max(width - (end - start), 20) // 2
    first = max(text.rfind("\n", 0, start) + 1, start - room)
    line_end = text.find("\n", end)
    last = min(len(text) if line_end < 0 else line_end, end + room)
    piece = " ".join(text[first:last].split())
    return f"“{'…' if first else ''}{piece}{'…' if last < len(text) else ''}”"


def _story(target: Target, story: Story) -> _Told:
    """Read the default story: which of the tellers its section names, and the files it names."""
    for path in markdown.named(target, story.page):
        page = markdown.page(target, path)
        for heading in page.of("heading"):
            if heading.plain.text.strip().casefold() != story.section.casefold():
                continue
            blocks = list(page.section(heading))
            text = "\n".join(block.plain.text for block in blocks if block.content)
            names = [teller for teller in story.tellers if re.search(rf"\b{re.escape(teller)}\b", text)]
            files = sorted(
                {
                    found.group()
                    for block in blocks
                    for inline in block.inlines
                    if inline.kind == "code" and (found := re.search(story.files, inline.text))
                }
            )
            line, column = heading.start
            what = f"the default story is told here: {', '.join(names) or heading.plain.text}"
            return _Told((*names, *files), (Related(path, line, column, what),))
    return _Told(story.tellers, ())
