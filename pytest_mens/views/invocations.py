"""Where a command is called or told to be called: CI scripts, shell and other scripts, fences, code spans, strings.

An invocation is the words from the wanted ones on (`corpus extract DIR -o FILE`), each at its place. What is only
talked about is none: comments, other words of an `echo`, sentences that say not to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mens.model import UnreadableError
from pytest_mens.views import markdown, passages, prose, rust, shell, yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target

_WORD = re.compile(
    r"""\\\n|`\n|&&|\|\|?|;|\n|\#(?=\s)|"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|(?P<bare>[^\s;|"'`]+)|\S"""
)
_ENDS = frozenset({"&&", "||", "|", ";", "\n", "#", "`"})
_LISTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ANYTHING = re.compile(b"")
_BLOCK_COMMENT = re.compile(r"<#.*?#>", re.DOTALL)
_ASSIGNED = re.compile(r"""^\s*(\$\w+)\s*=\s*["']([^"'$\n]*)["']\s*$""", re.MULTILINE)
_MANIFESTS = (".yml", ".yaml")
_COMPLETE = (".rs", ".md")
"""Files in which the words of a call stand as they are, close behind it."""
_REACH = 4_000
"""Bytes that the words of one call take up at most."""
_SCRIPT_KEYS = frozenset({"run", "script", "before_script", "after_script", "command"})


@dataclass(frozen=True)
class Word:
    """One word of an invocation and where it stands."""

    value: str
    line: int
    column: int


@dataclass(frozen=True)
class Invocation:
    """The words of one call, the wanted ones first. `comment` is what is said beside it or on the line above.

    `cwd` is the folder the script has changed to, None when unknown.
    """

    path: str
    words: tuple[Word, ...]
    comment: str = ""
    cwd: str | None = ""


@dataclass(frozen=True)
class Wanted:
    """The calls that are looked for: a command word, any of its subcommands, and the programs that have it.

    In free text one of `programs` must stand directly before the command word, else it is only a word.
    """

    command: str
    subcommands: tuple[str, ...]
    programs: tuple[str, ...]

    def starts(self, words: Sequence[str], at: int) -> bool:
        """Tell whether the wanted words stand at `words[at]`."""
        return words[at] == self.command and at + 1 < len(words) and words[at + 1] in self.subcommands

    def called(self, words: Sequence[str], at: int) -> bool:
        """Tell whether a program stands before the wanted words: by name, by path, or in a variable."""
        if at == 0:
            return False
        name = re.split(r"[/\\]", words[at - 1])[-1].removesuffix(".exe")
        return name in self.programs or name == "--" or words[at - 1].startswith("$")

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        command, subs = re.escape(self.command), "|".join(map(re.escape, self.subcommands))
        glue = r"(?:\s+(?:\\\s*)?|[\"']\s*,\s*[\"'])"
        return re.compile(rf"{command}{glue}(?:{subs})\b".encode())

    @cached_property
    def _arguments(self) -> re.Pattern[bytes]:
        command, subs = re.escape(self.command), "|".join(map(re.escape, self.subcommands))
        return re.compile(rf"\bargs:[^\]]*\b{command}\s*(?:,|\n\s*-)\s*(?:{subs})\b".encode())

    def _calls(self, data: bytes, *, manifest: bool) -> Iterator[int]:
        """Give where the wanted words stand in `data` as items of a list, or with a program before them."""
        if manifest and (listed := self._arguments.search(data)):
            yield listed.end()
        for match in self._pattern.finditer(data):
            before = data[max(0, match.start() - 200) : match.start()]
            if before.endswith((b'"', b"'")):
                yield match.end()
                continue
            words = re.split(r"[\s\"'`(*]+", before.decode("utf-8", "replace").replace("\\\n", " ").rstrip(" \"'`(*"))
            if self.called([words[-1], self.command], 1):
                yield match.end()

    def narrow(self, target: Target, paths: Iterable[str], also: re.Pattern[bytes] = _ANYTHING) -> list[str]:
        """Narrow `paths` to the files that may hold a call whose words match `also`; unreadable ones are kept.

        In scripts a variable or the folder changed to may match it anywhere in the file.
        """
        kept = []
        for path in target.containing([self.command.encode()], paths):
            try:
                data = target.data(path)
            except UnreadableError:
                kept.append(path)
                continue
            calls = self._calls(data, manifest=path.endswith(_MANIFESTS))
            if path.endswith(_COMPLETE):
                found = any(also.search(data, at, _end(path, data, at)) for at in calls)
            else:
                found = also.search(data) is not None and any(True for _ in calls)
            if found:
                kept.append(path)
        return kept

    def within(self, text: str) -> bool:
        """Tell whether the wanted words can stand in `text`."""
        return self.command in text and any(word in text for word in self.subcommands)


def _end(path: str, data: bytes, at: int) -> int:
    """Give where the words of a call end at the latest: in a page at the next blank line."""
    blank = data.find(b"\n\n", at, at + _REACH) if path.endswith(".md") else -1
    return blank if blank >= 0 else at + _REACH


def find(target: Target, path: str, wanted: Wanted) -> Iterator[Invocation]:
    """Give the calls in a file, read as its extension says."""
    if path.endswith(".md"):
        yield from _of_page(markdown.excerpt(target, path, wanted.within), wanted)
    elif path.endswith(_MANIFESTS):
        yield from _of_workflow(target, path, wanted)
    elif path.endswith(".rs"):
        yield from _of_rust(target, path, wanted)
    elif path.endswith(".sh"):
        text = target.text(path)
        yield from _of_shell(path, text, _locator(text), wanted)
    else:
        text = target.text(path)
        if path.endswith(".ps1"):
            yield from _of_powershell(path, text, wanted)
        else:
            yield from of_text(path, text, _locator(text), wanted)


def _locator(text: str) -> Callable[[int], markdown.Place]:
    def locate(index: int) -> markdown.Place:
        return (text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))

    return locate


def _of_workflow(target: Target, path: str, wanted: Wanted) -> Iterator[Invocation]:
    document = yaml.file(target, path)
    for scalar in _scripts(document):
        if wanted.within(scalar.value):
            yield from _of_shell(path, scalar.value, scalar.place, wanted)
    for words in _argument_lists(document):
        values = [word.value for word in words]
        for at in range(len(values)):
            if wanted.starts(values, at):
                yield Invocation(path, words[at:])


def _argument_lists(node: yaml.Node) -> Iterator[tuple[Word, ...]]:
    """Give the arguments of the steps of a manifest, listed one by one."""
    if isinstance(node, yaml.Sequence):
        for item in node.items:
            yield from _argument_lists(item)
    elif isinstance(node, yaml.Mapping):
        for key, value in node.items:
            if isinstance(key, yaml.Scalar) and key.value == "args":
                scalars = (item for item in yaml.elements(value) if isinstance(item, yaml.Scalar))
                yield tuple(Word(scalar.value, *scalar.place(0)) for scalar in scalars)
            else:
                yield from _argument_lists(value)


def _scripts(node: yaml.Node, *, inside: bool = False) -> Iterator[yaml.Scalar]:
    """Give the scalars that CI runs: the values of the script keys, and the items of lists of scripts."""
    if isinstance(node, yaml.Scalar):
        if inside:
            yield node
    elif isinstance(node, yaml.Sequence):
        for item in node.items:
            yield from _scripts(item, inside=inside)
    elif isinstance(node, yaml.Mapping):
        for key, value in node.items:
            yield from _scripts(value, inside=isinstance(key, yaml.Scalar) and key.value in _SCRIPT_KEYS)


def _of_powershell(path: str, text: str, wanted: Wanted) -> Iterator[Invocation]:
    """Read a script without its block comments; a variable that holds a plain string stands for it."""
    text = _BLOCK_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    values = {match[1].casefold(): match[2] for match in _ASSIGNED.finditer(text)}
    for found in of_text(path, text, _locator(text), wanted):
        words = (Word(values.get(word.value.casefold(), word.value), word.line, word.column) for word in found.words)
        yield replace(found, words=tuple(words))


def _of_shell(path: str, script: str, locate: Callable[[int], markdown.Place], wanted: Wanted) -> Iterator[Invocation]:
    try:
        commands = shell.commands(script)
    except ValueError:
        commands = ()
    for command in commands:
        values = [word.value for word in command.words]
        for at in range(1, len(values)):
            if wanted.starts(values, at) and values[0] not in {"echo", "printf"}:
                found = command.words[at:]
                words = tuple(Word(word.value.replace(shell.OPAQUE, "$"), *locate(word.start)) for word in found)
                yield Invocation(path, words, _comment(script, command.words[at].start), command.cwd)


def of_text(path: str, text: str, locate: Callable[[int], markdown.Place], wanted: Wanted) -> Iterator[Invocation]:
    """Give the calls in free text, line by line: words as they stand, or as the strings of a list."""
    for words in _lines(text):
        values = [value for value, _ in words]
        for value, start in words:
            if wanted.command in value and " " in value:
                yield from of_text(path, value, _shifted(locate, start), wanted)
        for at in range(len(values)):
            if wanted.starts(values, at) and wanted.called(values, at):
                found = tuple(Word(value, *locate(start)) for value, start in words[at:])
                yield Invocation(path, found, _comment(text, words[at][1]))
    listed = re.compile(rf'"{re.escape(wanted.command)}"\s*,\s*"(?:{"|".join(map(re.escape, wanted.subcommands))})"')
    for match in listed.finditer(text):
        end = text.find("]", match.start())
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()].lstrip()
        if line.startswith(("//", "#")):
            continue
        stop = len(text) if end < 0 else end
        items = tuple(Word(m.group(1), *locate(m.start(1))) for m in _LISTED.finditer(text, match.start(), stop))
        yield Invocation(path, items, _comment(text, match.start()))


def _shifted(locate: Callable[[int], markdown.Place], start: int) -> Callable[[int], markdown.Place]:
    return lambda index: locate(start + index)


def _lines(text: str) -> Iterator[list[tuple[str, int]]]:
    """Split text into commands of words: at line ends that are not continued, at `&&`, `;` and pipes; not comments."""
    words: list[tuple[str, int]] = []
    at = 0
    while match := _WORD.search(text, at):
        at = match.end()
        piece = match.group()
        if piece in _ENDS:
            yield words
            words = []
            if piece == "#":
                line_end = text.find("\n", at)
                at = len(text) if line_end < 0 else line_end
        elif piece.startswith("//") and not words:
            line_end = text.find("\n", at)
            at = len(text) if line_end < 0 else line_end
        elif match.lastgroup:
            words.append((match.group(match.lastgroup), match.start(match.lastgroup)))
    yield words


def _comment(text: str, start: int) -> str:
    """Give the comment at the end of the line of `start` and the comment lines directly above it."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    line = text[first : len(text) if last < 0 else last]
    found = [match.group() for match in re.finditer(r"(?:(?<=\s)#|//).*", line)]
    while first > 0:
        start = text.rfind("\n", 0, first - 1) + 1
        above = text[start : first - 1].strip()
        if not above.startswith(("#", "//")):
            break
        found.append(above)
        first = start
    return "\n".join(found)


def _of_page(page: markdown.Page, wanted: Wanted) -> Iterator[Invocation]:
    for block in page.blocks:
        if not wanted.within(block.content):
            continue
        if block.kind == "fence":
            for passage in passages.of_page_block(block):
                yield from of_text(page.path, passage.text, passage.place, wanted)
        elif block.kind != "html":
            yield from _of_spans(block, wanted)


def _of_spans(block: markdown.Block, wanted: Wanted) -> Iterator[Invocation]:
    plain = block.plain
    spans = [inline for inline in block.inlines if inline.kind == "code"]
    for (start, end), inline in zip(plain.code, spans, strict=True):
        if not wanted.within(inline.text) or _refused(plain, start):
            continue

        def locate(index: int, start: int = start) -> markdown.Place:
            return plain.place(start + index)

        for found in of_text(block.page.path, plain.text[start:end], locate, wanted):
            yield Invocation(found.path, found.words, found.comment or plain.text)


def _refused(plain: markdown.Plain, start: int) -> bool:
    """Tell whether the sentence says not to: a negation among the few words before the span."""
    for first, last in prose.sentences(plain.text, plain.code):
        if first <= start < last:
            return prose.refuses(plain.text[first:start])
    return False


def _of_rust(target: Target, path: str, wanted: Wanted) -> Iterator[Invocation]:
    file = rust.file(target, path)
    command = wanted.command.encode()
    for node in rust.find(file, "string_literal", "raw_string_literal"):
        if command not in file.source[node.start_byte : node.end_byte] or rust.in_test_code(file, node):
            continue
        literal = rust.string(file, node)

        def locate(index: int, literal: rust.StringLiteral = literal) -> markdown.Place:
            return file.position(literal.offsets[min(index, len(literal.offsets) - 1)])

        yield from of_text(path, literal.value, locate, wanted)
        if literal.value == wanted.command:
            yield from _of_list(file, node, wanted)


def _of_list(file: rust.RustFile, first: Node, wanted: Wanted) -> Iterator[Invocation]:
    """Give the call whose words are `first` and the string literals after it in the same list."""
    siblings = first.parent.named_children if first.parent is not None else []
    strings = (node for node in siblings if node.type in {"string_literal", "raw_string_literal"})
    beside = [rust.string(file, node) for node in strings if node.start_byte >= first.start_byte]
    if wanted.starts([literal.value for literal in beside], 0):
        yield Invocation(file.path, tuple(Word(item.value, *file.position(item.node)) for item in beside))
