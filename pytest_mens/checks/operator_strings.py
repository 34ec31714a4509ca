"""Operator messages have one home: gates and merge commands use it, and what it names exists."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError, UnreadableError
from pytest_mens.views import (
    absence,
    clap,
    errors,
    extension_guards,
    liveness,
    merging,
    messages,
    named_texts,
    rust,
    rust_text,
    word_runs,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.named_texts import NamedText, Region
    from pytest_mens.views.rust import Function, RustFile, StringLiteral


@dataclass(frozen=True)
class Gates:
    """The modules whose errors come from the message module, and how their own texts are told from others."""

    modules: tuple[str, ...]
    subjects: tuple[str, ...]
    """What a gate's text speaks of; one of them occurs in it."""
    states: tuple[str, ...]
    """What it says of that; words around `..` may stand apart."""
    absence: tuple[str, ...]
    """Methods that are false or None when the thing is not there."""
    emptiness: tuple[str, ...]
    """Methods that are true when it is not there."""
    modes: tuple[str, ...]
    """Names whose comparison is a gate too."""
    formatted: dict[str, int]
    """Error macro to the index of its message."""
    methods: tuple[str, ...]
    closures: tuple[str, ...]
    functions: tuple[str, ...]

    def showing(self, panics: dict[str, int]) -> messages.Showing:
        """Give what shows an error, panics too where they are one."""
        return messages.Showing({**self.formatted, **panics}, self.methods, self.closures, self.functions)


@dataclass(frozen=True)
class Documents:
    """Where the pages stand that texts name."""

    root: str
    """The folder that a page's path begins with inside a text."""
    pages: tuple[str, ...]
    """Globs of the Markdown files that a changed text is looked for in."""
    records: tuple[str, ...]
    """Globs of those that keep old texts on purpose."""
    pointer: str
    """The page that the one named in the constant may point to."""
    run: int
    """How many words in a row of an old text make it recognisable."""


@dataclass(frozen=True)
class Params:
    """The names of the target."""

    constant: str
    module: str
    program: str
    merge: merging.Merge
    gates: Gates
    documents: Documents
    hints: tuple[str, ...]
    """Globs of other code in which stale pages and commands are worth a note."""


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge the texts where they are defined, where they should be used, and against what they name."""
    subject = _Subject(target, params)
    if not subject.constants and not subject.texts:
        raise SubjectMissingError(f"no constant {params.constant} and no module {params.module} outside of tests")
    yield from _merge_guards(subject)
    yield from _gates(subject)
    yield from _copies(subject)
    yield from _pages(subject)
    yield from _drift(subject)
    yield from _commands(subject)
    yield from _changes(subject)


class _Subject:
    """The places the rule speaks of, found once."""

    def __init__(self, target: Target, params: Params) -> None:
        self.target = target
        self.params = params
        modules = (params.module, *params.gates.modules)
        paths = _speaking(target, (params.constant, *modules), params.merge)
        found = named_texts.regions(target, modules, paths)
        self.homes = [region for region in found if region.module == params.module]
        self.gates = [region for region in found if region.module != params.module]
        self.constants, self.texts = _named_texts(target, params, self.homes, paths)
        self.merging = merging.functions(target, params.merge, paths)

    def production(self, file: RustFile, node: Node) -> bool:
        """Tell whether code is compiled outside of tests."""
        return liveness.is_production(self.target, file, node)


def _speaking(target: Target, names: Sequence[str], merge: merging.Merge | None = None) -> list[str]:
    """Give the Rust files that hold one of `names` or quote the refused extension, found in one search."""
    needles = [name.encode() for name in names] + ([] if merge is None else merge.quoted)
    return target.containing(needles, liveness.rust_files(target))


def _named_texts(
    target: Target, params: Params, homes: Sequence[Region], paths: Sequence[str]
) -> tuple[tuple[NamedText, ...], tuple[NamedText, ...]]:
    """Give the definitions of the constant in `paths`, and the other texts of the message modules."""
    constants = named_texts.constants(target, params.constant, paths)
    places = {(text.file.path, text.node.start_byte) for text in constants}
    texts = (text for region in homes for text in named_texts.texts(target, region))
    return constants, tuple(text for text in texts if (text.file.path, text.node.start_byte) not in places)


def _literals(file: RustFile, within: Node | None = None) -> Iterator[StringLiteral]:
    """Give the string literals of a part of a file, those in attributes too, other than what docs are made of."""
    yield from rust.strings(file, within)
    around = file.root if within is None else within
    for attribute in rust.find(file, "attribute_item", "inner_attribute_item"):
        inside = around.start_byte <= attribute.start_byte and attribute.end_byte <= around.end_byte
        if inside and not _DOCS.search(file.text_of(attribute)):
            literals = rust.walk(attribute, "string_literal", "raw_string_literal")
            yield from (rust.string(file, literal) for literal in literals)


_DOCS = re.compile(r"\bdoc\s*=")


def _at(
    file: RustFile, literal: StringLiteral, message: str, span: tuple[int, int] | None = None, *, help_: str = ""
) -> Finding:
    """Place a finding at characters of a literal's value, or at the whole literal."""
    start, end = literal.node.start_byte, literal.node.end_byte
    if span is not None:
        start = literal.offsets[span[0]]
        end = literal.offsets[span[1]] if span[1] < len(literal.offsets) else literal.offsets[-1] + 1
    line, column = file.position(start)
    return Finding(file.path, message, line, column, file.position(end), help_)


# --- a: the guard of the merge commands -----------------------------------------------------------------------------


def _merge_guards(subject: _Subject) -> Iterator[Finding]:
    """Find the branch that refuses the extension, and what it says."""
    seen: set[int] = set()
    macros = {**subject.params.gates.formatted, **errors.PANICS}
    conditional = {name for name, index in macros.items() if index > 0}
    extension, helpers = subject.params.merge.extension, subject.merging.helpers
    for function in subject.merging.functions:
        for branch in extension_guards.branches(function, extension, conditional, helpers):
            if branch.id not in seen:
                seen.add(branch.id)
                yield from _refusal(subject, function.file, branch)


def _refusal(subject: _Subject, file: RustFile, branch: Node) -> Iterator[Finding]:
    """Report the errors of a branch that do not say the constant's text."""
    known, gates = [subject.params.constant], subject.params.gates
    found = errors.in_branch(file, branch, gates.showing(errors.PANICS))
    saying = [message for message in found if errors.says(file, message.place, known)]
    added = {*gates.methods, *gates.closures}
    for message in found:
        if message not in saying and not (saying and message.shown_by in added):
            # beside the refusal, what is added to another error is no refusal
            yield _other_refusal(subject, file, errors.literal_of(file, message), message.place)
    end = None if found else errors.exit_of(file, branch)
    block = branch if branch.type == "block" else branch.parent
    if end is not None and block is not None and not errors.leads_to(file, block, known):
        said = [literal for literal in rust.strings(file, block) if literal.node.end_byte <= end.start_byte]
        yield _other_refusal(subject, file, said[-1] if said else None, end)


def _other_refusal(subject: _Subject, file: RustFile, literal: StringLiteral | None, place: Node) -> Finding:
    constant = subject.params.constant
    what = f"the refusal of `.{subject.params.merge.extension}` files does not say `{constant}`"
    help_ = f"use the text of `{constant}`, which all merge commands share"
    if literal is None:
        return Finding(file.path, what, *file.position(place), file.end_position(place), help_)
    shown = " ".join(literal.value.split())
    return _at(file, literal, f'{what} but "{shown[:60]}{"…" * (len(shown) > 60)}"', help_=help_)


# --- b: gates with a text of their own ------------------------------------------------------------------------------


def _gates(subject: _Subject) -> Iterator[Finding]:
    gates = subject.params.gates
    wording = _Wording(gates)
    shared = {text.name for text in (*subject.texts, *subject.constants)}
    seen: set[tuple[str, int]] = set()
    for region in subject.gates:
        file = region.file
        within = range(region.node.start_byte, region.node.end_byte)
        for message in errors.of_file(file, gates.showing({})):
            if message.place.start_byte not in within:
                continue
            worded = wording.of(file, message, shared)
            if worded is None or worded[0].node.start_byte not in within:
                continue
            literal, span = worded
            key = (file.path, literal.node.start_byte)
            if key in seen or not _fails_a_test(file, message, gates) or not subject.production(file, literal.node):
                continue
            seen.add(key)
            shown = " ".join(literal.value.split())
            text = f'the gate `{region.module}` words its own message: "{shown[:80]}{"…" * (len(shown) > 80)}"'
            yield _at(
                file, literal, text, span, help_=f"move the text to `{subject.params.module}` and use it from there"
            )


class _Wording:
    """The vocabulary of a gate's text."""

    def __init__(self, gates: Gates) -> None:
        self.subjects = [_phrase(subject) for subject in gates.subjects]
        self.states = [_phrase(state) for state in gates.states]

    def of(
        self, file: RustFile, message: messages.Message, shared: Collection[str]
    ) -> tuple[StringLiteral, tuple[int, int]] | None:
        """Give the literal of a message that is a gate's text, and where; beside a `shared` text, only the first."""
        for at, literal in enumerate(errors.literals_of(file, message)):
            span = self.matches(literal.value)
            if span is not None:
                return (literal, span) if at == 0 or not errors.says(file, message.place, shared) else None
        return None

    def matches(self, text: str) -> tuple[int, int] | None:
        """Give where the state is said, if the text speaks of a subject in such a state."""
        if not any(subject.search(text) for subject in self.subjects):
            return None
        found = [match.span() for state in self.states if (match := state.search(text)) is not None]
        return min(found) if found else None


def _phrase(words: str) -> re.Pattern[str]:
    """Compile a phrase: words apart by white space, `..` for anything within the sentence."""
    parts = [r"\s+".join(re.escape(word) for word in part.split()) for part in words.split("..")]
    return re.compile(r"\b" + r"\b(?:(?!\.\s).)*?\b".join(parts), re.IGNORECASE | re.DOTALL)


def _fails_a_test(file: RustFile, message: messages.Message, gates: Gates) -> bool:
    """Tell whether a message stands where something was found not to be there, or the mode to be another."""
    tests = absence.Tests(gates.absence, gates.emptiness, gates.modes)
    name = message.shown_by.removesuffix("!")
    if gates.formatted.get(name, 0) > 0 and absence.demands_presence(file, message.place, tests):
        return True
    if name in (*gates.methods, *gates.closures) and absence.on_option(file, message.place):
        return True
    return absence.in_failing_branch(file, message.place, tests)


# --- c: copies of the texts elsewhere -------------------------------------------------------------------------------


def _copies(subject: _Subject) -> Iterator[Finding]:
    """Find literals that repeat a text; a text is a sentence, not a path or a word."""
    texts = [text for text in (*subject.texts, *subject.constants) if " " in text.value]
    known = {text.value: text for text in texts}
    homes = [
        (text.file.path, text.node.start_byte, text.node.end_byte) for text in (*subject.texts, *subject.constants)
    ]
    for path in _repeating(subject.target, texts):
        file = rust.file(subject.target, path)
        for literal in _literals(file):
            original = known.get(named_texts.folded(literal.value))
            at = literal.node.start_byte
            home = any(path == where and start <= at < end for where, start, end in homes)
            if original is None or home or not subject.production(file, literal.node):
                continue
            line, column = original.file.position(original.node)
            finding = _at(file, literal, f"this text repeats `{original.name}`", help_=f"use `{original.name}`")
            place = Related(original.file.path, line, column, f"`{original.name}` is defined here")
            yield replace(finding, related=(place,))


def _repeating(target: Target, texts: Sequence[NamedText]) -> Iterator[str]:
    """Give the files that may repeat a text: they hold its longest word, and a quote before its first words."""
    words = {max(_WORD.findall(text.value), key=len).encode() for text in texts if _WORD.search(text.value)}
    beginnings = sorted({_beginning(text.value) for text in texts})
    quoted = re.compile(rb'"' + _SPACE + rb"*(?:" + b"|".join(beginnings) + rb")")
    for path in target.containing(words, liveness.rust_files(target)):
        if quoted.search(target.data(path)):
            yield path


_WORD = re.compile(r"[!#-&(-\[\]-z|~]+")
"""A run of characters that a literal has no reason to escape, without the braces of placeholders."""
_SPACE = rb"(?:\s|\\[\nnrt])"
"""White space of a literal, or how it is escaped; a line that is continued counts as some."""


def _beginning(text: str) -> bytes:
    """Give a pattern for the first words of a text, as they may be written in a literal."""
    words = re.match(r"([^\s{}\\\"]+)(?: ([^\s{}\\\"]+) )?", text)
    return (_SPACE + rb"+").join(re.escape(word.encode()) for word in words.groups() if word) if words else b""


# --- d: pages ---------------------------------------------------------------------------------------------------------


def _pages(subject: _Subject) -> Iterator[Finding]:
    """Find pages that a text names and that do not exist; elsewhere a note."""
    seen: set[tuple[str, int]] = set()
    places: list[Region | Function | NamedText] = [
        *subject.constants,
        *subject.homes,
        *subject.gates,
        *subject.merging.functions,
    ]
    stale = {path for path in {place.file.path for place in places} if _may_be_stale(subject, path)}
    for place in (place for place in places if place.file.path in stale):
        for literal in _literals(place.file, place.node):
            key = (place.file.path, literal.node.start_byte)
            if key not in seen:
                seen.add(key)
                yield from _missing_pages(subject, place.file, literal)
    folder = f"{subject.params.documents.root}/".encode()
    for path in subject.target.containing([folder], _hinting(subject)):
        for literal in _literals(rust.file(subject.target, path)) if _may_be_stale(subject, path) else ():
            if (path, literal.node.start_byte) not in seen:
                file = rust.file(subject.target, path)
                yield from (replace(found, level="note") for found in _missing_pages(subject, file, literal))
    yield from _doc_links(subject)


def _hinting(subject: _Subject) -> list[str]:
    """Give the other files in which stale pages and commands are noted."""
    known = set(liveness.rust_files(subject.target))
    return [path for path in subject.target.glob(*subject.params.hints) if path in known]


def _may_be_stale(subject: _Subject, path: str) -> bool:
    """Tell whether a file, comments and all, speaks of a page that does not exist."""
    root = re.escape(subject.params.documents.root)
    named = re.finditer(rf"{root}/[\w./-]*?[\w-]\.md\b", _joined_lines(subject.target.text(path)))
    return any(not subject.target.exists(posixpath.normpath(page[0])) for page in named)


def _joined_lines(source: str) -> str:
    """Join the lines of literals that a backslash continues, so that source can be searched as literals are."""
    return re.sub(r"\\\n\s*", "", source)


def _missing_pages(subject: _Subject, file: RustFile, literal: StringLiteral) -> Iterator[Finding]:
    for match in _page_pattern(subject).finditer(literal.value):
        there = posixpath.normpath(match[0])
        if not subject.target.exists(there) and subject.production(file, literal.node):
            message = f"the page `{match[0]}` does not exist"
            yield _at(file, literal, message, match.span(), help_="name the page where it is now")


def _page_pattern(subject: _Subject) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/.-]){re.escape(subject.params.documents.root)}/[\w./-]*?[\w-]\.md\b")


def _doc_links(subject: _Subject) -> Iterator[Finding]:
    """Note relative links in the docs of the subject's files that lead nowhere."""
    files = {place.file.path: place.file for place in subject.constants}
    files.update({region.file.path: region.file for region in (*subject.homes, *subject.gates)})
    for path in sorted(files):
        file = files[path]
        if not any(_broken_links(subject.target, path, file.text)):
            continue
        for comment in rust.comments(file):
            if not comment.kind.endswith("doc") or comment.node.type.endswith("attribute_item"):
                continue
            for link, there in _broken_links(subject.target, path, comment.text):
                at = comment.node.start_byte + len(comment.text[: link.start(1)].encode())
                line, column = file.position(at)
                message = f"the link `{link[1]}` leads to `{there}`, which does not exist"
                yield Finding(path, message, line, column, level="note")


_LINK = re.compile(r"\]\((\.[^)\s#]*\.md)(?:#[^)\s]*)?\)")


def _broken_links(target: Target, path: str, text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Give the relative links of a text to pages that do not exist, with where they lead."""
    for link in _LINK.finditer(text):
        there = posixpath.normpath(posixpath.join(posixpath.dirname(path), link[1]))
        if not target.exists(there):
            yield link, there


# --- e: several homes -------------------------------------------------------------------------------------------------


def _drift(subject: _Subject) -> Iterator[Finding]:
    """Compare the texts that several homes have under one name."""
    by_name: dict[str, list[NamedText]] = {}
    for text in (*subject.texts, *subject.constants):
        by_name.setdefault(text.name, []).append(text)
    copies: dict[tuple[str, str], list[NamedText]] = {}
    for name, texts in sorted(by_name.items()):
        values = Counter(text.value for text in texts)
        most = max(values.values())
        usual = [value for value, count in values.items() if count == most]
        for text in texts:
            others = tuple(_place_of(other) for other in texts if other.value != text.value)
            if others and (len(usual) > 1 or text.value != usual[0]):
                message = f"`{name}` says something else here than in `{others[0].path}`"
                finding = _at(text.file, text.literals[0], message, help_="let the copies agree, or keep one of them")
                yield replace(finding, related=others)
        first = texts[0]
        for text in texts[1:]:
            if text.value == first.value:
                copies.setdefault((text.file.path, first.file.path), []).append(text)
    for (path, original), repeated in sorted(copies.items()):
        line, column = repeated[0].file.position(repeated[0].node)
        message = f"`{repeated[0].name}` is a copy of the one in `{original}`"
        if len(repeated) > 1:
            message = f"`{repeated[0].name}` and {len(repeated) - 1} more are copies of those in `{original}`"
        yield Finding(path, message, line, column, level="note")


def _place_of(text: NamedText) -> Related:
    line, column = text.file.position(text.literals[0].node)
    shown = text.value
    return Related(text.file.path, line, column, f'`{text.name}` here: "{shown[:80]}{"…" * (len(shown) > 80)}"')


# --- f: commands ------------------------------------------------------------------------------------------------------


def _commands_in(text: str, program: str) -> Iterator[tuple[tuple[str, ...], tuple[int, int]]]:
    """Give the commands that a text quotes, as words, with their places."""
    for match in re.finditer(rf"[`'\"]({re.escape(program)}(?:[ \t]+[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)+)", text):
        yield tuple(match[1].split()), match.span(1)


def _exists(target: Target, words: tuple[str, ...]) -> bool:
    """Tell whether a command exists (memoised)."""
    memo = target.view(_memo)
    if words not in memo:
        found = clap.resolve(target, words)
        memo[words] = found is not None and len(found.words) > 1 and (not found.rest or _takes_more(found.command))
    return memo[words]


def _memo(_target: Target) -> dict[tuple[str, ...], bool]:
    return {}


def _takes_more(command: clap.Command) -> bool:
    return command.external or (not command.subcommands and any(argument.positional for argument in command.arguments))


def _commands(subject: _Subject) -> Iterator[Finding]:
    target, program = subject.target, subject.params.program
    for text in subject.constants:
        page = _single_source(subject, text)
        for literal in text.literals:
            for words, span in _commands_in(literal.value, program):
                shown = " ".join(words)
                if not _exists(target, words):
                    yield _at(text.file, literal, f"there is no command `{shown}`", span, help_="name one that exists")
                elif page is not None and not any(_mentions(target, path, words) for path in page):
                    message = f"the page `{page[-1]}` does not speak of `{shown}`"
                    yield _at(text.file, literal, message, span, help_="document the command there, or name another")
    yield from _hints(subject)


def _hints(subject: _Subject) -> Iterator[Finding]:
    """Note commands that other code of the subject quotes and that do not exist."""
    target, program = subject.target, subject.params.program
    own = {text.file.path for text in (*subject.constants, *subject.texts)}
    quoted = [quote + f"{program} ".encode() for quote in (b"`", b"'")]
    for path in target.containing(quoted, [path for path in _hinting(subject) if path not in own]):
        if not _may_quote_unknown(target, path, program):
            continue
        file = rust.file(target, path)
        for literal in rust.strings(file):
            for words, span in _commands_in(literal.value, program):
                if not _exists(target, words) and subject.production(file, literal.node):
                    found = _at(file, literal, f"there is no command `{' '.join(words)}`", span)
                    yield replace(found, level="note")


def _may_quote_unknown(target: Target, path: str, program: str) -> bool:
    """Tell whether code of a file quotes a command that does not exist, or one that goes on with an escape."""
    source = _joined_lines(rust_text.code(target, path).code)
    return any(
        source.startswith("\\", end) or not _exists(target, words) for words, (_, end) in _commands_in(source, program)
    )


def _single_source(subject: _Subject, text: NamedText) -> tuple[str, ...] | None:
    """Give the page that a text names and the one it points to; None when it names none that exists."""
    named = _page_pattern(subject).search(" ".join(each.value for each in text.literals))
    if named is None or not subject.target.exists(named[0]):
        return None
    page = named[0]
    for match in re.finditer(r"\]\(([^)\s#]+)", subject.target.text(page)):
        there = posixpath.normpath(posixpath.join(posixpath.dirname(page), match[1]))
        if there.endswith(subject.params.documents.pointer) and there != page and subject.target.exists(there):
            return (page, there)
    return (page,)


def _mentions(target: Target, path: str, words: Sequence[str]) -> bool:
    return re.search(_spelled(words), target.text(path)) is not None


def _spelled(words: Sequence[str]) -> str:
    """Give a pattern for words in a row, also over a line break."""
    return r"(?<![\w-])" + r"\s+".join(re.escape(word) for word in words) + r"(?![\w-])"


# --- the change -------------------------------------------------------------------------------------------------------


def _changes(subject: _Subject) -> Iterator[Finding]:
    """Find pages that still say what a text said before the change."""
    base = subject.target.base
    if base is None:
        return
    params = subject.params
    before: dict[str, list[NamedText]] = {}
    paths = _speaking(base, (params.constant, params.module))
    constants, texts = _named_texts(base, params, named_texts.regions(base, (params.module,), paths), paths)
    for text in (*constants, *texts):
        before.setdefault(text.name, []).append(text)
    now = (*subject.constants, *subject.texts)
    current = {name: [text for text in now if text.name == name] for name in before}
    for name, olds in before.items():
        values = {text.value for text in current[name]}
        changed = [text for text in current[name] if text.value not in {old.value for old in olds}]
        for old in olds:
            if changed and old.value not in values:
                yield from _left_behind(subject, old, changed[0])


def _left_behind(subject: _Subject, old: NamedText, new: NamedText) -> Iterator[Finding]:
    """Report a changed text whose former commands or wording still stand in pages."""
    program, run = subject.params.program, subject.params.documents.run
    former, present = (
        {words for literal in text.literals for words, _ in _commands_in(literal.value, program)} for text in (old, new)
    )
    gone = sorted(former - present)
    runs = word_runs.runs(old.value, run) - word_runs.runs(new.value, run)
    related: list[Related] = []
    for path in _changed_pages(subject):
        text = _page_text(subject.target, path)
        found = [
            (match.start(), f"still says `{' '.join(words)}`")
            for words in gone
            for match in re.finditer(_spelled(words), text)
        ]
        found += [(at, f'still says "{words}"') for at, words in word_runs.occurrences(text, runs, run)]
        if found:
            at, message = min(found)
            start = text.rfind("\n", 0, at) + 1
            related.append(Related(path, text.count("\n", 0, at) + 1, at - start + 1, message))
    if related:
        pages = f"`{related[0].path}`" + f" and {len(related) - 1} more" * (len(related) > 1)
        what = f"no longer names `{' '.join(gone[0])}`" if gone else "was reworded"
        literal, at = _first_difference(old, new)
        verb = "says" if len(related) == 1 else "say"
        message = f"`{new.name}` {what}, but {pages} still {verb} what it said"
        finding = _at(new.file, literal, message, (at, len(literal.value)) if at < len(literal.value) else None)
        yield replace(finding, help="change the pages with the text", related=tuple(related))


def _first_difference(old: NamedText, new: NamedText) -> tuple[StringLiteral, int]:
    """Give the literal of `new` in which it starts to differ from `old`, and where."""
    for before, after in zip_longest(old.literals, new.literals):
        if before is None or after is None:
            break
        if before.value != after.value:
            return after, len(posixpath.commonprefix([before.value, after.value]))
    return new.literals[-1], 0


def _changed_pages(subject: _Subject) -> Iterator[str]:
    documents = subject.params.documents
    records = set(subject.target.glob(*documents.records)) if documents.records else set()
    return subject.target.reading(path for path in subject.target.glob(*documents.pages) if path not in records)


def _page_text(target: Target, path: str) -> str:
    """Read a page to search it for words; a stray byte does not hide the rest."""
    try:
        return target.text(path)
    except UnreadableError:
        data = target.data(path)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise
        return data.decode("utf-8", "replace")
