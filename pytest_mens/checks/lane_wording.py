"""Help texts and command documentation give each backend its own precision, artefacts and default."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from pytest_mens.model import Finding, Related, SubjectMissingError, UnreadableError
from pytest_mens.target import globs
from pytest_mens.views import clap, markdown, passages, printed, prose, rust
from pytest_mens.views.nearby import Nearby, Pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target

_WINDOW = 240
"""How many bytes may lie between a backend and what is said of it for a file to be looked at."""
_BESIDE = re.compile(r"[\s*`]*(?:\+[\s*`]*|-?[\w.]+[\s*`]+)?")
_JOINED = re.compile(r"[\s`*)]*(?:,?\s*\b(?:and|as\s+well\s+as|plus)\b|&|/)\s*(?:the\s+)?[`*(]*")
_BOTH = re.compile(r"\b(?:both|all|each)\b", re.IGNORECASE)
_PREPOSITIONS = frozenset({"with", "using", "in", "on", "for", "from", "to", "at", "of", "by", "via"})
_PLACED_IN = re.compile(r"[`*,]*(?:\s+[\w-]+){1,4}?\s+(?:in|on|by|via|under)\s+(?:the\s+)?[`*]*")
_MADE_BY = re.compile(r"[`*,]*(?:\s+[\w-]+){0,4}?\s+(?:by|from)\s+(?:the\s+|a\s+)?[`*]*")
_NAMES_FLAG = re.compile(r"[`*]*\s*(?:\(|=|with\s|(?:[\w-]+\s+){0,2}(?:is|means|uses)\s)\s*[`*]*")
_RESPECTIVELY = re.compile(r"\brespectively\b", re.IGNORECASE)
_CALLED = r"[`*\s]*(?:[:=(]|\b(?:is|means|selects|runs|trains)\b)\s*(?:an?\s+|the\s+)?[`*]*"
"""What stands between a flag and what it is called."""
_DESCRIBED = re.compile(r"[^#]*\s#\s|[`*]*\s*(?:[-\u2013\u2014:]|is\b|=|\()")
_LEAVES = re.compile(r"\bfrom\b[^,;]*\bto\s+[`*]*\Z", re.IGNORECASE)
_COMPARED = re.compile(
    r"\b(?:times|twice|half|third|quarter)\b[^,;]*\b(?:of|as)\s+(?:an?\s+|the\s+)?[`*]*\Z", re.IGNORECASE
)
"""What stands before the measure in "twice the memory of T"."""
_ASIDES = 8
"""Names in parentheses that are passed over on the way back to the one that a sentence is about."""
_DELIMITERS = frozenset(" \t>|:-")
"""What the line under the head of a table is made of."""
_CHECKED = re.compile("[\u2713\u2714\u2705\u2611\u25cf\U0001f7e2+]")
"""Marks that say yes."""
_NONE = re.compile(r"n/?a\b|[\u2717\u2718\u274c\u274e\U0001f6ab]", re.IGNORECASE)
_HELP_FILE = re.compile(rb"(?:about|help)\s*=\s*include_str!\(\s*\"([^\"]+)\"")


@dataclass(frozen=True)
class Lane:
    """One backend: its `value` on the command line, its names, and what belongs to it alone.

    `traits` are words for its precision, `artefacts` beginnings or ends of the files it writes. `proper` are the names
    one of which must stand beside the flag; a phrase with one of `method_nouns` in their place is a rival name.
    """

    value: str
    names: tuple[str, ...]
    traits: tuple[str, ...]
    artefacts: tuple[str, ...]
    proper: tuple[str, ...] = ()
    method_nouns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Params:
    """`root`, `command` and `flag` name the clap argument whose default counts; `call` is how documents call it.

    `printed` are sources whose help and messages are judged, besides those of the package of the root command.
    `documents` are pages whose bullets, rows and fence lines are judged when they hold one of `anchors`; elsewhere in
    them only notes are given. `macros` and `methods` print. `runs` are verbs by which a call is said to be a backend.
    `takes` are verbs by which a command is said to work on `products` of a backend.
    """

    root: str
    command: tuple[str, ...]
    flag: str
    call: str
    lanes: tuple[Lane, ...]
    printed: tuple[str, ...]
    documents: tuple[str, ...]
    archived: tuple[str, ...]
    anchors: tuple[str, ...]
    macros: tuple[str, ...]
    methods: tuple[str, ...]
    defaults: tuple[str, ...]
    heads: tuple[str, ...]
    runs: tuple[str, ...]
    outlook: tuple[str, ...]
    splitters: tuple[str, ...]
    takes: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


class _Text(NamedTuple):
    """A passage and how it is judged. `heading` may name the backend it is about: its table head or row label."""

    passage: passages.Passage
    level: Literal["error", "note"]
    heading: str = ""
    topic: bool = False
    """Whether it only names what the other cells of its row deny."""


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge every text in which a backend and a trait, an artefact or a default stand close together."""
    root = clap.command(target, params.root)
    command = root.find(params.command) if root else None
    argument = command.argument(params.flag) if command else None
    if root is None and not _chooses(target, params):
        raise SubjectMissingError(f"no command {params.root!r} and no value enum of backends")
    rule = _Rule(target, params, argument)
    unread: UnreadableError | None = None
    home = root.place.path.partition("/src/")[0] if root else ""
    sources = rule.mentioning(target.glob(*params.printed, *(f"/{home}/src/**/*.{kind}" for kind in ("rs", "txt"))))
    for path in rule.candidates(sorted({*sources, *_included(target, sources)})):
        try:
            yield from rule.judge_all(_printed(target, path, rule))
        except UnreadableError as error:
            unread = unread or error
    archived = globs.matcher(params.archived)
    pages = [path for path in target.glob(*params.documents) if not archived(path)]
    for path in rule.candidates(rule.mentioning(pages)):
        try:
            yield from rule.judge_all(_documented(target, path, rule))
        except UnreadableError as error:
            unread = unread or error
    if unread:
        raise unread


def _included(target: Target, sources: Sequence[str]) -> Iterator[str]:
    """Give the files that the help texts in `sources` are read from."""
    for path in sources:
        try:
            data = target.data(path)
        except UnreadableError:
            continue  # said when it is judged
        for match in _HELP_FILE.finditer(data) if b"include_str!" in data else ():
            file = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1].decode("utf-8", "replace")))
            if target.exists(file):
                yield file


def _chooses(target: Target, params: Params) -> bool:
    """Tell whether a value enum lists the backends, although no command takes it."""
    values = {lane.value.encode() for lane in params.lanes}
    listed = re.compile(rb"\bValueEnum\b[^{]*\benum\s+\w+\s*\{([^}]*)\}")
    for path in target.containing([b"ValueEnum"], target.glob("*.rs")):
        for match in listed.finditer(target.data(path)):
            if values <= {word.lower() for word in re.findall(rb"^\s*(\w+),?\s*$", match[1], re.MULTILINE)}:
                return True
    return False


# --- which texts are judged -----------------------------------------------------------------------------------------


def _printed(target: Target, path: str, rule: _Rule) -> Iterator[_Text]:
    """Give what a source prints: clap docs and help, and the strings of printing macros; of a text file, its lines."""
    if path.endswith(".rs"):
        file = rust.file(target, path)
        for item, before in printed.clap_items(file, rule.all.close):
            lane = rule.variant(file, item)
            for passage in printed.docs(file, item) if lane or rule.all.anywhere(before) else ():
                if lane or rule.all.close(passage.text.encode()):
                    yield _Text(passage, "error", lane)
        found = printed.literals(file, rule.params.macros, rule.params.methods, rule.all.close)
    else:
        found = printed.lines(path, target.text(path))
    for passage in found:
        if rule.all.close(passage.text.encode()):
            yield _Text(passage, "error")


def _documented(target: Target, path: str, rule: _Rule) -> Iterator[_Text]:
    """Give the bullets, rows and fence lines of a page, and its paragraphs; rows cell by cell with their head."""
    page = markdown.excerpt(target, path, rule.suspicious)
    for block in page.blocks:
        if block.kind == "fence":
            for line in block.lines:
                if rule.all.close(line.text.encode()):
                    places = [(line.line, line.column + offset) for offset in range(len(line.text))]
                    for passage in printed.passage(path, line.text, places):
                        yield _Text(passage, rule.level(line.text))
        elif block.kind == "row" and not block.header:
            yield from _cells(block, rule)
        elif block.kind in {"paragraph", "heading"}:
            level = rule.level(block.content) if block.enclosing("item") else "note"
            if not rule.pairs(level).close(block.content.encode()):
                continue
            plain = block.plain
            yield _Text(passages.Passage(path, block.kind, plain.text, plain.code, plain.place), level)


def _cells(row: markdown.Block, rule: _Rule) -> Iterator[_Text]:
    heads = row.parent.column_heads if row.parent else ()
    whole = " ".join(cell.content for cell in row.children)
    level = rule.level(" ".join((*heads, whole)))
    if not rule.pairs(level).anywhere(" ".join((*heads, whole)).encode()):
        return
    label = row.children[0].plain.text if row.children else ""
    for cell in row.children:
        if not rule.pairs(level).says(cell.content.encode()):
            continue
        plain = cell.plain
        if plain.text:
            passage = passages.Passage(row.page.path, "cell", plain.text, plain.code, plain.place)
            head = heads[cell.index] if cell.index < len(heads) else ""
            beside = label if cell.index else _answer(row, rule)
            topic = not cell.index and any(_denies(other, rule) for other in row.children[1:])
            yield _Text(passage, level, head if rule.one_lane(head) else beside, topic=topic)


def _denies(cell: markdown.Block, rule: _Rule) -> bool:
    """Tell whether a cell says no to the label of its row: by its mark, or in its first clause."""
    text = cell.plain.text
    first = next(prose.clauses(text, rule.params.splitters, cell.plain.code), None)
    if first is None or not re.search(r"\w", text):
        return _CHECKED.search(text) is None
    if any(term.kind == "outlook" for term in rule.lexicon.terms(text, first.start, first.end)):
        return True
    return prose.denied_between(text, first.start, first.end) or _NONE.match(text) is not None


def _answer(row: markdown.Block, rule: _Rule) -> str:
    """Give the second cell of a row of two when it plainly answers the first with one backend."""
    if len(row.children) != 2:
        return ""
    text = row.children[1].plain.text
    terms = rule.lexicon.terms(text)
    plain = terms and terms[0].start == 0 and all(term.kind != "outlook" for term in terms)
    return text if plain and not prose.denied_between(text, 0, len(text)) else ""


# --- what is said of which backend ----------------------------------------------------------------------------------


class _Rule:
    """The parameters, compiled once, and the default as clap has it."""

    def __init__(self, target: Target, params: Params, argument: clap.Argument | None) -> None:
        self.target = target
        self.params = params
        self.default = argument.default if argument else None
        self.default_place: tuple[Related, ...] = ()
        if argument:
            place = argument.default_place or argument.place
            what = f"clap's default of {params.flag} is {argument.default!r}"
            self.default_place = (Related(place.path, place.line, place.column, what),)
        vocabulary: dict[str, list[str]] = {}
        for lane in params.lanes:
            names = [*lane.names, *_flags(lane, params)]
            vocabulary[f"name {lane.value}"] = [name for name in names if name not in lane.traits]
            vocabulary[f"trait {lane.value}"] = list(lane.traits)
        vocabulary["default"] = list(params.defaults)
        vocabulary["outlook"] = list(params.outlook)
        vocabulary["call"] = [params.call]
        self.lexicon = prose.Lexicon({kind: tuple(phrases) for kind, phrases in vocabulary.items()})
        artefacts = "|".join(
            f"(?P<lane{number}>{'|'.join(lane.artefacts)})"
            for number, lane in enumerate(params.lanes)
            if lane.artefacts
        )
        self.artefacts = re.compile(artefacts or r"(?!)")
        values = "|".join(f"(?P<lane{number}>{re.escape(lane.value)})" for number, lane in enumerate(params.lanes))
        self.values = re.compile(rf"`(?:{values})`")
        self.told_value = re.compile(rf"\s*(?:[:=]|is\b)?\s*[`\"'*]*(?:{values})\b(?![\w-])")
        runs = "|".join(map(re.escape, params.runs))
        self.runs = re.compile(rf"[`*]*\s*(?:{runs})\s+(?:(?:the|a)\s+)?[`*]*")
        described = [*params.heads, *(noun for lane in params.lanes for noun in lane.method_nouns)]
        nouns = "|".join(map(re.escape, described))
        self.glossed = re.compile(rf"(?:[`*]*\s+(?:{nouns}))?[`*]*\s*\([`*]*")
        call = re.escape(params.call)
        self.headline = re.compile(rf"[`*]*(?:\s+(?:{nouns}))?[`*]*\s*:\s*[`*]*(?:{call}\s+(?:[^\s:]+\s+)*?)?[`*]*")
        self.gloss_end = re.compile(rf"[`*]*(?:\s+(?:{nouns}))?[`*]*\)")
        takes, products = "|".join(map(re.escape, params.takes)), "|".join(map(re.escape, params.products))
        self.takes = re.compile(rf"[`*]*\s+(?:{takes or '(?!)'})\s+(?:(?:a|an|the)\s+)?[`*]*")
        self.described = re.compile(rf"[`*]*\s+(?:{'|'.join(map(re.escape, (*params.heads, *params.products)))})s?\b")
        self.product = re.compile(rf"[`*]*[\s-]+(?:{products or '(?!)'})s?\b")
        traits, others = _trait_pairs(params), _other_pairs(params, self.default)
        self.traits = Nearby(traits, _WINDOW)
        self.all = Nearby([*traits, *others], _WINDOW)

    def mentioning(self, paths: Sequence[str]) -> list[str]:
        """Narrow to the files that name a backend, or take in a file that may."""
        params = self.params
        needles = [name.encode() for lane in params.lanes for name in (*lane.names, _variant_of(lane))]
        return self.target.containing([*needles, params.flag.encode(), params.call.encode(), b"include_str!"], paths)

    def candidates(self, paths: Sequence[str]) -> Iterator[str]:
        """Narrow to the files in which a backend and something that can be said wrongly of it stand close together."""
        params = self.params
        for path in paths:
            try:
                data = self.target.data(path)
            except UnreadableError:
                yield path
                continue
            page = path.endswith(".md")
            if not self.all.close(data, None if page else _in_comment):
                continue
            if not page or any(anchor.encode() in data for anchor in params.anchors) or self.traits.close(data):
                yield path

    def pairs(self, level: Literal["error", "note"]) -> Nearby:
        """Give what is looked for in a text of that severity: in other documents precision alone."""
        return self.all if level == "error" else self.traits

    def suspicious(self, piece: str) -> bool:
        """Tell whether a piece of a page is worth parsing: rows are judged with the head of their table."""
        data = piece.encode()
        if not self.all.mentions(data):
            return False
        pairs = self.pairs(self.level(piece))
        if pairs.close(data):
            return True
        lines = piece.split("\n") if "|" in piece else []
        heads = [head for head, rule in pairwise(lines) if _DELIMITERS.issuperset(rule)]
        return any(pairs.anywhere("\n".join((*heads, line)).encode()) for line in lines if "|" in line)

    def level(self, text: str) -> Literal["error", "note"]:
        """Give the severity in a document: command documentation names a command or the flag."""
        return "error" if any(anchor in text for anchor in self.params.anchors) else "note"

    def one_lane(self, text: str) -> str:
        """Give the backend that `text` names, when it names exactly one."""
        found = {term.kind.split()[1] for term in self.lexicon.terms(text) if term.kind.startswith("name ")}
        found |= {lane.value for lane in self.params.lanes if lane.value == text.strip(" `*")}
        return found.pop() if len(found) == 1 else ""

    def variant(self, file: rust.RustFile, member: Node) -> str:
        """Give the flag with the backend that a variant of an enum stands for, or an empty text."""
        name = member.child_by_field_name("name") if member.type == "enum_variant" else None
        value = file.text_of(name).lower() if name is not None else ""
        return f"{self.params.flag} {value}" if any(lane.value == value for lane in self.params.lanes) else ""

    def judge_all(self, texts: Iterator[_Text]) -> Iterator[Finding]:
        """Judge texts, one finding a place."""
        seen: set[tuple[int, int]] = set()
        for text in texts:
            for finding in self.judge(text):
                if (finding.line, finding.column) not in seen:
                    seen.add((finding.line, finding.column))
                    yield finding

    def judge(self, given: _Text) -> Iterator[Finding]:
        """Judge one passage clause by clause."""
        passage = given.passage
        text = prose.without_insertions(passage.text)
        head = self.one_lane(given.heading)
        named: set[str] = set()
        wished: list[prose.Term] = []
        for clause in prose.clauses(text, self.params.splitters, passage.code):
            piece = _Piece(self, text, clause, head, passage.code)
            piece.about = next(iter(named)) if len(named) == 1 else ""
            piece.wished = wished
            named |= {term.kind.split()[1] for term in piece.names}
            wished = piece.wishes() if clause.asks else []
            for term, message, hint, related in piece.violations(given.level, topic=given.topic):
                line, column = passage.place(term.start)
                end = (line, column + len(term.text))
                yield Finding(passage.path, message, line, column, end, hint, related, given.level)


def _in_comment(data: bytes, start: int) -> bool:
    """Tell whether a Rust source shows that place to nobody: in a comment, unless clap may print it."""
    line = data[data.rfind(b"\n", 0, start) + 1 : start].lstrip()
    return line.startswith(b"//") and (not line.startswith(b"///") or b"clap" not in data)


def _variant_of(lane: Lane) -> str:
    """Give the variant of a value enum that stands for the backend, as it is written there."""
    return f"{lane.value.capitalize()},"


def _flags(lane: Lane, params: Params) -> list[str]:
    return [f"{params.flag}{glue}{lane.value}" for glue in " ="]


def _any(*phrases: Sequence[str]) -> str:
    return f"(?:{'|'.join(re.escape(phrase) for some in phrases for phrase in some) or '(?!)'})"


def _in_any_case(phrases: Sequence[str]) -> Iterator[str]:
    """Give patterns for phrases in any case; those that begin as written let the search skip to that letter."""
    for phrase in phrases:
        if not any(phrase != other and other in phrase for other in phrases):
            rest = r"\s+".join(map(re.escape, phrase[1:].split(" ")))
            yield from (f"{re.escape(first)}(?i:{rest})" for first in sorted({phrase[0].lower(), phrase[0].upper()}))


def _names(lane: Lane, params: Params) -> list[str]:
    return [*lane.names, *_flags(lane, params), f"`{lane.value}`", _variant_of(lane)]


def _pair(names: Iterable[str], said: Iterable[str]) -> Pair:
    return Pair(frozenset(name.encode() for name in names), re.compile("|".join(said).encode() or rb"(?!)"))


def _trait_pairs(params: Params) -> list[Pair]:
    """Give for each backend its names, and the precision of the others."""
    pairs = []
    for lane in params.lanes:
        words = [word for other in params.lanes if other != lane for word in other.traits]
        exact = [re.escape(word) for word in words if word != word.lower()]
        pairs.append(
            _pair(_names(lane, params), [*exact, *_in_any_case([word for word in words if word == word.lower()])])
        )
    return pairs


def _other_pairs(params: Params, default: str | None) -> Iterator[Pair]:
    """Give for each backend its names, and what else must not be said of them: what is another's, and the default."""
    # "by default: x" is found as "default: x"; phrases about the flag name no value
    words_of_default = [
        word
        for word in params.defaults
        if params.flag not in word and not any(word != other and word.endswith(other) for other in params.defaults)
    ]
    for lane in params.lanes:
        names, flags = _names(lane, params), _flags(lane, params)
        others = [other for other in params.lanes if other != lane]
        said = [artefact for other in others for artefact in other.artefacts]
        if lane.value != default:
            said += _in_any_case(params.defaults)
            said.append(re.escape(params.call))
        told = (f"{word}{glue}{lane.value}" for word in words_of_default for glue in (" ", ": "))
        yield _pair([*names, *told], said)
        mine, theirs = _any(lane.names, flags), _any(*((*other.names, *_flags(other, params)) for other in others))
        yield _pair(names, [rf"{mine}[`*]{{0,4}}(?:\s+\w+){{0,3}}[`*]{{0,4}}\s*\(?[`*]{{0,4}}{theirs}"])
        if lane.method_nouns:
            nouns = "|".join(map(re.escape, lane.method_nouns))
            yield _pair(flags, [rf"\b(?:{nouns})[`*\s]*\(", rf"{_CALLED}(?:[\w-]+\s+){{0,3}}(?:{nouns})\b"])
    yield _pair(
        [params.call], [artefact for lane in params.lanes if lane.value != default for artefact in lane.artefacts]
    )


def _start(term: prose.Term) -> int:
    return term.start


def _is_command(term: prose.Term) -> bool:
    """Tell whether a name is what one types, and no proper name."""
    return term.text[0].islower() or term.text.startswith("-")


_Violation = tuple[prose.Term, str, str, tuple[Related, ...]]


class _Piece:
    """One clause: the names, traits, artefacts and defaults in it."""

    def __init__(
        self, rule: _Rule, text: str, clause: prose.Clause, head: str, code: Sequence[tuple[int, int]]
    ) -> None:
        self.rule = rule
        self.code = code or [match.span() for match in re.finditer(r"`[^`\n]+`", text)]
        self.text = text
        self.clause = clause
        self.head = head
        self.about = ""
        """The one backend that the clauses before speak of."""
        self.wished: Sequence[prose.Term] = ()
        """What the question before asks for, without a word about the backend."""
        terms = rule.lexicon.terms(text, clause.start, clause.end)
        lanes = rule.params.lanes
        self.names = [term for term in terms if term.kind.startswith("name ")]
        self.names += [
            prose.Term(f"name {lanes[int(match.lastgroup[4:])].value}", match.group(), match.start(), match.end())
            for match in rule.values.finditer(text, clause.start, clause.end)
            if match.lastgroup
        ]
        if rule.params.flag in text:
            self.names += self._told_values(terms)
            self.names += self._values_in_code()
        self.traits = [term for term in terms if term.kind.startswith("trait ")]
        self.calls = [term for term in terms if term.kind == "call"]
        self.defaults = [term for term in terms if term.kind == "default"]
        self.outlook = any(term.kind == "outlook" for term in terms)
        # a trait that is also a name speaks for itself unless another backend stands directly beside it
        doubles = {(lane.value, name) for lane in lanes for name in lane.names if name in lane.traits}
        self.doubles = [term for term in self.traits if (term.kind.split()[1], term.text) in doubles]
        self.artefacts = [
            prose.Term(f"artefact {lanes[int(match.lastgroup[4:])].value}", match.group(), match.start(), match.end())
            for match in rule.artefacts.finditer(text, clause.start, clause.end)
            if match.lastgroup
        ]

    def _told_values(self, terms: Sequence[prose.Term]) -> Iterator[prose.Term]:
        """Give the backends called by their bare value, as in "[default: x]"."""
        for default in terms:
            match = self.rule.told_value.match(self.text, default.end) if default.kind == "default" else None
            if match and match.lastgroup and self.text[match.end() : match.end() + 1] != "`":
                value = match.group(match.lastgroup)
                yield prose.Term(f"name {value}", value, match.start(match.lastgroup), match.end(match.lastgroup))

    def _values_in_code(self) -> Iterator[prose.Term]:
        """Give the backends called by their value in a code span of a page, which has lost its backticks."""
        values = {lane.value for lane in self.rule.params.lanes}
        for start, end in self.code:
            value = self.text[start:end]
            if value in values and self.clause.start <= start < self.clause.end:
                yield prose.Term(f"name {value}", value, start, end)

    def subjects(self, *, without: prose.Term | None = None, calls: bool = False) -> list[prose.Term]:
        """Give what something can be said of, in order; calls of the command with no flag only when asked for."""
        found = [*self.names, *(term for term in self.doubles if term != without)]
        if calls:
            found += [term for term in self.calls if self.bare(term)]
        return sorted(found, key=_start)

    def bare(self, call: prose.Term) -> bool:
        """Tell whether the command is called without the flag, so that the default holds."""
        stop = next((end for start, end in self.code if start <= call.start < end), None)
        rest = self.text[call.end : stop] if stop else re.split(r"[#|)]", self.text[call.end :], maxsplit=1)[0]
        return self.rule.params.flag not in rest

    def others(self) -> list[prose.Term]:
        """Give the code spans of the clause that are no backend: what a default may be said of instead."""
        spans = [(start, end) for start, end in self.code if self.clause.start <= start < self.clause.end]
        known = [*self.subjects(calls=True), *self.defaults]
        return [
            prose.Term("other", self.text[start:end], start, end)
            for start, end in spans
            if not any(start < term.end and term.start < end for term in known)
            and not self.text[start:end].strip("`").startswith(self.rule.params.flag)
        ]

    def lane(self, term: prose.Term) -> str | None:
        """Give the backend a subject stands for."""
        return self.rule.default if term.kind == "call" else term.kind.partition(" ")[2]

    def violations(self, level: str, *, topic: bool = False) -> Iterator[_Violation]:
        """Give what the clause says wrongly; in a text that is no command documentation of precision alone."""
        if self.clause.asks:
            return
        said = not self.outlook and not topic
        if said:
            yield from self._traits()
            yield from self._advised(level)
        if level == "note":
            return
        if said:
            yield from self._artefacts()
            yield from self._confused()
        yield from self._rivals()
        yield from self._defaults()
        yield from self._described()

    def wishes(self) -> list[prose.Term]:
        """Give the traits and artefacts that the clause asks for, if it names no backend."""
        if self.names:
            return []
        return [term for term in (*self.traits, *self.artefacts) if prose.wished(self.text, self.clause, term)]

    def _advised(self, level: str) -> Iterator[_Violation]:
        """Give the backends advised to whoever wants what another one has: "need T? use S", "for T, use S"."""
        wanted = [(term, self.clause.start) for term in self.wished]
        within = (term for term in self.wishes_within() if not self._said_of(term, calls=False))
        wanted += [(term, self._noun_end(term)) for term in within]
        for term, start in wanted:
            at = prose.advice(self.text, start, self.clause.end)
            named = self._first_named(at) if at is not None else None
            kind, own = term.kind.split()
            if named is None or self.lane(named) == own or (level == "note" and kind != "trait"):
                continue
            if not prose.denied_between(self.text, named.end, self.clause.end):
                what = f"{named.text!r} is advised for {term.text!r}, which belongs to the backend {own!r}"
                yield named, what, "advise the backend that has it", ()

    def _noun_end(self, term: prose.Term) -> int:
        """Give the end of the noun that a trait describes, if it is one it can have, else of the trait."""
        noun = self.rule.described.match(self.text, term.end)
        return noun.end() if noun else term.end

    def wishes_within(self) -> list[prose.Term]:
        """Give what the clause itself asks for before it names a backend."""
        first = min((term.start for term in self.names), default=self.clause.end)
        terms = [term for term in (*self.traits, *self.artefacts) if term.end <= first]
        return [term for term in terms if prose.wished(self.text, self.clause, term)]

    def _first_named(self, at: int) -> prose.Term | None:
        """Give the backend named at a place, directly or in a call of the command."""
        call = next((call for call in self.calls if call.start == at), None)
        stop = next((end for start, end in self.code if start <= at < end), None) if call else None
        found = [term for term in self.subjects(calls=True) if at <= term.start <= (stop or at)]
        flags = [term for term in found if term.kind != "call"]
        return flags[0] if flags else found[0] if found else None

    def _confused(self) -> Iterator[_Violation]:
        """Give the commands glossed as another backend, or said to work on what another one made."""
        subjects = self.subjects()
        for first, second in pairwise(subjects):
            if self.lane(first) == self.lane(second):
                continue
            between, after = self.text[first.end : second.start], self.text[second.end : self.clause.end]
            glossed = self.rule.glossed.fullmatch(between) and self.rule.gloss_end.match(after)
            if glossed and (_is_command(first) or _is_command(second)):
                what = f"{first.text!r} is called {second.text!r}, but belongs to the backend {self.lane(first)!r}"
                yield second, what, "name the backend it belongs to", ()
            elif _is_command(first) and self.rule.takes.fullmatch(between) and self.rule.product.match(after):
                what = f"{first.text!r} is said to take what {second.text!r} makes, but belongs to {self.lane(first)!r}"
                yield second, what, "name what this command works on", ()

    def _said_of(self, term: prose.Term, *, calls: bool) -> list[tuple[str, str]]:
        """Give the backends that `term` is said of, and how each is named."""
        subjects = self._main(self.subjects(without=term, calls=calls), term)
        if prose.negated(self.text, self.clause, term, [*subjects, *self.traits]):
            return []
        if any(pattern.search(self.text, self.clause.start, term.start) for pattern in (_LEAVES, _COMPARED)):
            return []
        subject = prose.bound(self.text, term, subjects, forward=False)
        if subject is None or self._headed(term, subject):
            subject = self._named_after(term, subjects)
        if subject is not None:
            named = self._coordinated(term, subject, subjects)
            return [(lane, repr(one.text)) for one in named if (lane := self.lane(one))]
        if subjects:
            return []
        if self.head:
            return [(self.head, "the backend this stands under")]
        return [(self.about, "the backend of the sentence before")] if self.about else []

    def _main(self, subjects: list[prose.Term], term: prose.Term) -> list[prose.Term]:
        """Leave out what stands in parentheses before `term` if something else before it does not."""
        nearest = bisect_left(subjects, term.start, key=_start)
        for at in range(nearest - 1, max(nearest - _ASIDES, 0) - 1, -1):
            if not prose.aside(self.text, subjects[at], term):
                return [*subjects[: at + 1], *subjects[nearest:]]
        return subjects

    def _named_after(self, term: prose.Term, subjects: Sequence[prose.Term]) -> prose.Term | None:
        """Give the backend named after `term`: "T runs in S", "T, produced by S", "T (`--flag s`)"."""
        after = next((subject for subject in subjects if subject.start >= term.end), None)
        if after is None:
            return None
        between = self.text[term.end : after.start]
        if prose.denied_between(self.text, term.end, after.start):
            return None
        placed = _MADE_BY if term.kind.startswith("artefact") else _PLACED_IN
        if placed.fullmatch(between):
            return after
        if not after.text.startswith(self.rule.params.flag):
            return None
        ends = not self.text[after.end : self.clause.end].strip(" `*.)")
        return after if _NAMES_FLAG.fullmatch(between) or (ends and self.rule.headline.fullmatch(between)) else None

    def _coordinated(
        self, term: prose.Term, subject: prose.Term, subjects: Sequence[prose.Term]
    ) -> Iterator[prose.Term]:
        """Give the subject and those joined to it, as in "A and B both do T", unless each has a term of its own."""
        yield subject
        rivals = self.artefacts if term.kind.startswith("artefact") else self.traits
        if any(other.kind != term.kind for other in rivals) or _RESPECTIVELY.search(self.text, term.end):
            return
        if subject.end <= term.start:
            between = prose.words_after(self.text, subject.end, term.start, 1)
            loose = next(between, "with").lower() in _PREPOSITIONS
            if loose and not _BOTH.search(self.text, self.clause.start, term.start):
                return
        at = subjects.index(subject)
        chain = subjects[at:] if subject.start >= term.end else subjects[at::-1]
        for one, other in pairwise(chain):
            first, second = (one, other) if one.start <= other.start else (other, one)
            if not _JOINED.fullmatch(self.text[first.end : second.start]):
                if first.kind != second.kind or self.text[first.end : second.start].strip(" `*("):
                    return
            else:
                yield other

    def _headed(self, term: prose.Term, subject: prose.Term) -> bool:
        """Tell whether the term only heads what follows, as in "X wording: ..."."""
        return subject.start > term.end and re.search("[:{]", self.text[term.end : subject.start]) is not None

    def _traits(self) -> Iterator[_Violation]:
        for trait in self.traits:
            own = trait.kind.split()[1]
            if trait in self.doubles and not (self._beside(trait) or self._foreign(trait)):
                continue
            said = self._said_of(trait, calls=False)
            if self._opens(trait):
                said = [(self.about, "the backend of the sentence before")]
            wrong = next((how for lane, how in said if lane != own), None)
            if wrong:
                what = f"{trait.text!r} is said of {wrong}, but belongs to the backend {own!r}"
                yield trait, what, "give each backend its own precision", ()

    def _opens(self, trait: prose.Term) -> bool:
        """Tell whether the trait opens a clause that is about the backend named before."""
        if not self.about or self.names or prose.negated(self.text, self.clause, trait, self.traits):
            return False
        return not self.text[self.clause.start : trait.start].strip(" `*_(")

    def _beside(self, trait: prose.Term) -> bool:
        """Tell whether another backend's name stands directly beside a word that is a name itself."""
        own = trait.kind.split()[1]
        return any(
            name.kind.split()[1] != own
            and _BESIDE.fullmatch(self.text[min(name.end, trait.end) : max(name.start, trait.start)])
            for name in self.names
        )

    def _foreign(self, trait: prose.Term) -> bool:
        """Tell whether a word that is a name itself only qualifies a noun where no other name of its backend stands."""
        own = trait.kind.split()[1]
        lane = next(lane for lane in self.rule.params.lanes if lane.value == own)
        follower = next(prose.words_after(self.text, trait.end, self.clause.end, 1), "")
        others = {name.kind.split()[1] for name in self.names}
        return follower.startswith(lane.method_nouns) and bool(others) and own not in others

    def _artefacts(self) -> Iterator[_Violation]:
        for artefact in self.artefacts:
            own = artefact.kind.split()[1]
            wrong = next(((lane, how) for lane, how in self._said_of(artefact, calls=True) if lane != own), None)
            if wrong:
                lane, how = wrong
                what = f"{artefact.text!r} is said to come from {how} (backend {lane!r}), but {own!r} writes it"
                yield artefact, what, "name the file that this backend writes", self.rule.default_place

    def _rivals(self) -> Iterator[_Violation]:
        params = self.rule.params
        for lane in params.lanes:
            if not lane.proper or any(name in self.text[self.clause.start : self.clause.end] for name in lane.proper):
                continue
            for flag in self.names:
                if flag.kind != f"name {lane.value}" or not flag.text.startswith(params.flag):
                    continue
                rival = self._rival(lane, flag)
                if rival:
                    what = f"{flag.text!r} is called {rival!r} instead of {' or '.join(lane.proper)}"
                    yield flag, what, f"name it {lane.proper[0]}", ()

    def _rival(self, lane: Lane, flag: prose.Term) -> str | None:
        """Give the rival name of the flag: "X adapter (`--flag v`)", "`--flag v` selects the X adapter"."""
        nouns = "|".join(map(re.escape, lane.method_nouns))
        head = re.search(r"([^()]*)\([`*\s]*\Z", self.text[self.clause.start : flag.start])
        after = self.text[flag.end : self.clause.end]
        noun = head and re.search(rf"(?:[\w-]+[ ])?\b(?:{nouns})[*`\s]*\Z", head.group(1))
        if not noun:
            named = re.match(rf"{_CALLED}(?=[A-Z])((?:[\w-]+\s+){{0,3}}(?:{nouns}))\b", after)
            return named.group(1) if named else None
        return noun.group().strip(" *`")

    def _defaults(self) -> Iterator[_Violation]:
        rule = self.rule
        if rule.default is None:
            return
        fact = f"clap's default of {rule.params.flag} is {rule.default!r}"
        for default in self.defaults:
            others = [] if self._head_after(default) else self.others()
            subjects = sorted([*self.subjects(calls=True), *others], key=_start)
            if self._denied_default(default, subjects):
                continue
            if not subjects and self.head and self.head != rule.default:
                what = f"the backend {self.head!r} is called the {default.text!r}, but {fact}"
                yield default, what, f"say that {rule.default!r} is the default", rule.default_place
            subject = self._default_subject(default, subjects)
            if subject and subject.kind != "other" and self.lane(subject) != rule.default:
                what = f"{subject.text!r} is called the default, but {fact}"
                yield subject, what, f"say that {rule.default!r} is the default", rule.default_place

    def _denied_default(self, default: prose.Term, subjects: Sequence[prose.Term]) -> bool:
        """Tell whether the default is no claim: denied, past, set against something, or of a noun of its own."""
        later = not prose.in_parentheses(self.text, default)
        if prose.negated(self.text, self.clause, default, [*subjects, *self.defaults], later=later):
            return True
        if prose.past(self.text, self.clause, default):
            return True
        after = next((term for term in subjects if term.start >= default.end), None)
        if after is not None and prose.adjoins(self.text, default.end, after.start):
            return False
        heads = (*self.rule.params.heads, self.rule.params.flag)
        open_ended = prose.open_ended(self.text, default.end, self.clause.end, heads, reach=1)
        return not open_ended or prose.set_against(self.text, default)

    def _default_subject(self, default: prose.Term, subjects: Sequence[prose.Term]) -> prose.Term | None:
        """Give what is called the default; of a call of the command, the backend that it is said to be."""
        subject = self._defined(default) or prose.bound(self.text, default, subjects)
        if subject is None or subject.kind != "call":
            return subject
        # "X - default `cmd`": the call is said to be the backend the clause is about; so is "`cmd` defaults to X"
        before = [term for term in self.names if term.end <= default.start]
        after = [term for term in self.names if term.start >= default.end]
        if not before and after and prose.adjoins(self.text, default.end, after[0].start):
            return after[0]
        return before[0] if before else None

    def _head_after(self, default: prose.Term) -> str:
        """Give the noun that says what the default is one of, as in "default backend"."""
        follower = next(prose.words_after(self.text, default.end, self.clause.end, 1), "")
        return follower if follower.lower() in self.rule.params.heads else ""

    def _defined(self, default: prose.Term) -> prose.Term | None:
        """Give the value that a clause like "`x` = this and `that` (default)" defines, if it ends that way."""
        first = min(self.names, key=_start, default=None)
        if first is None or self.text[self.clause.start : first.start].strip(" `*-"):
            return None
        defines = re.match(r"[`*\s]*=", self.text[first.end :])
        head = re.escape(self._head_after(default))
        ends = re.match(rf"\s*(?:{head})\s*\)\W*\Z", self.text[default.end : self.clause.end])
        return first if defines and ends else None

    def _described(self) -> Iterator[_Violation]:
        """Give a bare call that is described as another backend than the default: "`cmd` # native X"."""
        rule = self.rule
        for call in self.calls:
            after = [term for term in self.subjects() if term.start >= call.end]
            lanes = {self.lane(term) for term in after}
            between = self.text[call.end : after[0].start] if after else ""
            if rule.default is None or not self.bare(call) or len(lanes) != 1 or rule.default in lanes or self.outlook:
                continue
            if not self._describes(call, between):
                continue
            if prose.negated(self.text, self.clause, after[0], self.subjects()):
                continue
            fact = f"without {rule.params.flag} it runs {rule.default!r}"
            what = f"{call.text!r} is described as {after[0].text!r}, but {fact}"
            yield call, what, f"describe the default {rule.default!r}", rule.default_place

    def _describes(self, call: prose.Term, between: str) -> bool:
        """Tell whether what stands between the call and a backend says that the call is it, whatever flag is given."""
        flags = [name for name in self.names if name.text.startswith(self.rule.params.flag)]
        if self.rule.params.flag in between or any(flag.end <= call.start for flag in flags):
            return False
        return _DESCRIBED.match(between) is not None or (not flags and self.rule.runs.fullmatch(between) is not None)
