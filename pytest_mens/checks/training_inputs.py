"""What ingests examples for training takes the golden ones only, unless it opts in explicitly."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import takewhile
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError, UnreadableError
from pytest_mens.target import globs
from pytest_mens.views import invocations, markdown, passages, rust, rust_text, yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.model import Level
    from pytest_mens.target import Target

_NO = frozenset({"false", "no", "off", "0", ""})
_BINDERS = frozenset({"let_declaration", "const_item", "static_item", "for_expression"})
_REACH = 400
"""Bytes of a string literal before the examples folder in it."""
_HOPS = 4
"""How many times a path may be handed to another variable on its way to what ingests it."""


@dataclass(frozen=True)
class Layout:
    """Where the examples lie and who says which are golden: a README's table, and lists of folders in a YAML file."""

    root: str
    readme: str
    golden_heading: str
    file: str
    golden_key: str
    negative_key: str
    archives: tuple[str, ...]
    suffix: str


@dataclass(frozen=True)
class Mix:
    """Configurations that list sources: their `files`, the `main` one that cannot opt in as a whole, their keys."""

    files: tuple[str, ...]
    main: str
    sources: str
    path: str
    exclude: str


@dataclass(frozen=True)
class Params:
    """What lies where, what ingests it, and `opt_in`, the pattern of keys, names and comments that opt in.

    `commands` and `told_in` say which calls ingest and where they stand; `inputs` the one flag of a subcommand that
    takes what it ingests, where that is not any argument. `code` and `sinks` (globs on the last names of
    a path) say which code does; `walkers` are sinks in `code` only, and `skipped` are folders that tell a walker's list
    of those it leaves out. `outputs` are flags and fields that are written to.
    """

    layout: Layout
    mix: Mix
    opt_in: str
    commands: invocations.Wanted
    inputs: dict[str, str]
    told_in: tuple[str, ...]
    archived: tuple[str, ...]
    outputs: tuple[str, ...]
    sources: tuple[str, ...]
    code: tuple[str, ...]
    sinks: tuple[str, ...]
    walkers: tuple[str, ...]
    pages: tuple[str, ...]
    excluded: passages.Exclusion
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Goldens:
    """The folders that hold golden and deliberately invalid examples, and where they are declared."""

    golden: tuple[str, ...]
    negative: tuple[str, ...]
    related: tuple[Related, ...]
    declared: bool
    problems: tuple[Finding, ...]


@dataclass(frozen=True)
class _Argument:
    """A path that something ingests: as written, where, and what says so."""

    value: str
    path: str
    place: markdown.Place
    what: str


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Hold every path that is ingested, and every linked example, against the golden folders."""
    sources = target.glob(*params.sources)
    building = target.containing(_literals(params.sinks), target.glob(*params.code))
    if not building and not target.glob(*params.mix.files):
        raise SubjectMissingError(f"no code that builds a training corpus ({', '.join(params.sinks)}) and no mix")
    if not target.is_dir(params.layout.root):
        raise SubjectMissingError(f"no folder {params.layout.root!r} of examples")
    goldens = _goldens(target, params.layout)
    yield from goldens.problems
    if not goldens.golden:
        return
    unread: UnreadableError | None = None
    for arguments in (
        _mix_arguments(target, params),
        _call_arguments(target, params, goldens),
        _code_arguments(target, params, sources, goldens),
    ):
        try:
            yield from filter(None, (_judge(argument, params.layout, goldens) for argument in arguments))
        except UnreadableError as error:
            unread = unread or error
    yield from _linked(target, params, goldens)
    yield from _walks(target, params, goldens)
    if unread:
        raise unread


# --- which examples are golden --------------------------------------------------------------------------------------


def _goldens(target: Target, layout: Layout) -> _Goldens:
    listed, negative, problems = _listed(target, layout)
    golden = [folder for folder, _ in listed]
    related = [place for _, place in listed]
    if target.exists(layout.readme):
        page = markdown.page(target, layout.readme)
        entries = list(_entries(page, layout))
        if not golden:
            folders = [posixpath.dirname(link) for link, in_table, _, _ in entries if in_table]
            golden = [max(sorted(set(folders)), key=folders.count)] if folders else []
        problems += _bad_entries(target, page, entries, golden)
        heading = next((block for block in page.of("heading") if _is_golden(block, layout)), None)
        if heading and not related:
            related.append(Related(page.path, *heading.start, f"the golden examples: {', '.join(golden)}"))
    elif golden:
        what = f"{layout.readme} does not exist, which lists the golden examples"
        problems.append(Finding(layout.readme, what, help="restore the page", related=tuple(related[:1])))
    if not golden:
        what = f"nothing says which examples are golden: no table in {layout.readme}, no list in {layout.file}"
        problems.append(Finding(layout.readme, what, help="name the folders of golden examples"))
    return _Goldens(tuple(golden), tuple(negative), tuple(related[:1]), bool(listed), tuple(problems))


def _listed(target: Target, layout: Layout) -> tuple[list[tuple[str, Related]], list[str], list[Finding]]:
    """Read the lists of folders: the golden ones with their places, the negative ones, and what is wrong with them."""
    golden: list[tuple[str, Related]] = []
    negative: list[str] = []
    problems: list[Finding] = []
    for path in target.glob(layout.file):
        document = yaml.mapping(yaml.file(target, path))
        negative += [_normal(yaml.scalar(item) or "") for item in yaml.elements(document.get(layout.negative_key))]
        for item in yaml.elements(document.get(layout.golden_key)):
            if not isinstance(item, yaml.Scalar):
                continue
            folder = _normal(item.value)
            swept = [other for other in (layout.root, *layout.archives) if _inside(other, folder)]
            if swept or any(_inside(folder, archive) for archive in layout.archives):
                what = f"golden folder {item.value!r} takes in {(swept or [folder])[0]!r}"
                problems.append(
                    Finding(path, what, item.line, item.column, help="list only folders of golden examples")
                )
                continue
            if not target.is_dir(folder):
                what = f"golden folder {item.value!r} does not exist"
                problems.append(
                    Finding(path, what, item.line, item.column, help="restore it, or drop it from the list")
                )
            if folder in negative:
                what = f"golden folder {item.value!r} is also listed among those of deliberately invalid examples"
                problems.append(Finding(path, what, item.line, item.column, help="list it on one side only"))
            golden.append((folder, Related(path, item.line, item.column, f"golden folder {folder!r}")))
    return golden, negative, problems


def _is_golden(heading: markdown.Block, layout: Layout) -> bool:
    return layout.golden_heading.casefold() in heading.plain.text.casefold()


def _entries(page: markdown.Page, layout: Layout) -> Iterator[tuple[str, bool, markdown.Block, markdown.Inline]]:
    """Give the example files of the README, linked or named first in a row: where, and whether below its heading."""
    for block in page.blocks:
        in_table = block.kind == "cell" and any(_is_golden(heading, layout) for heading in block.headings)
        for inline in block.inlines:
            if inline.kind == "link":
                href = inline.href.partition("#")[0]
            elif inline.kind == "code" and in_table and not block.index:
                href = inline.text
            else:
                continue
            if href.endswith(layout.suffix) and "://" not in href and not re.search(r"[*?\[{\s]", href):
                yield _join(posixpath.dirname(page.path), href), in_table, block, inline


def _bad_entries(
    target: Target,
    page: markdown.Page,
    entries: Iterable[tuple[str, bool, markdown.Block, markdown.Inline]],
    golden: Sequence[str],
) -> Iterator[Finding]:
    for path, in_table, _, link in entries:
        inside = any(_inside(path, folder) for folder in golden)
        if in_table and not inside:
            what = f"golden example {link.href or link.text!r} lies outside the golden folders {', '.join(golden)}"
            yield Finding(page.path, what, *link.place, end=link.end_place, help="move it there, or drop the entry")
        elif (in_table or inside) and not target.exists(path):
            what = f"golden example {link.href or link.text!r} does not exist"
            yield Finding(page.path, what, *link.place, end=link.end_place, help="restore the file, or drop the entry")


# --- paths ----------------------------------------------------------------------------------------------------------


def _normal(path: str) -> str:
    r"""Give the folder a path names: `\` as `/`, `.` and `..` resolved, cut before the first glob, no variables."""
    path = path.strip("\"' ,").replace("\\", "/")
    path = re.sub(r"^(?:\$\{?\w*\}?|\$\(\w+\)|%\w+%|~|\{[^{},]*\})/", "", path)
    segments = []
    for segment in path.split("/"):
        if re.search(r"[*?\[{]", segment):
            break
        segments.append(segment)
    plain = posixpath.normpath("/".join(segments) or ".")
    while plain.startswith("../"):
        plain = plain[3:]
    return plain


def _join(folder: str, path: str) -> str:
    return _normal(posixpath.join(folder, path)) if not path.startswith("/") else path


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def _is_golden_path(path: str, goldens: _Goldens) -> bool:
    return any(_inside(path, folder) for folder in goldens.golden)


def _judge(argument: _Argument, layout: Layout, goldens: _Goldens) -> Finding | None:
    """Give the finding an ingested path deserves, or None."""
    path = _normal(argument.value)
    line, column = argument.place
    end = (line, column + len(argument.value))
    if path == ".":
        what = f"{argument.what} {argument.value!r}: it takes in all of {layout.root!r}, not the golden examples alone"
        return Finding(argument.path, what, line, column, end, related=goldens.related, level="note")
    if not _inside(path, layout.root) or _is_golden_path(path, goldens):
        return None
    archive = next((folder for folder in layout.archives if _inside(path, folder)), None)
    negative = next((folder for folder in goldens.negative if _inside(path, folder)), None)
    if archive:
        what = f"{argument.what} {argument.value!r}, which lies in the archive {archive!r}"
    elif negative:
        what = f"{argument.what} {argument.value!r}, which lies in {negative!r}, deliberately invalid examples"
    elif any(_inside(folder, path) for folder in goldens.golden):
        what = f"{argument.what} {argument.value!r}, which sweeps in more than the golden {', '.join(goldens.golden)}"
    else:
        what = f"{argument.what} {argument.value!r}, which is not a golden folder ({', '.join(goldens.golden)})"
    hint = f"ingest {goldens.golden[0]}, or opt in explicitly beside it"
    return Finding(argument.path, what, line, column, end, help=hint, related=goldens.related)


# --- mixes ----------------------------------------------------------------------------------------------------------


def _mix_arguments(target: Target, params: Params) -> Iterator[_Argument]:
    mix = params.mix
    opts_in = _opt_in(params)
    for path in target.containing([params.layout.root.encode()], target.glob(*mix.files)):
        document = yaml.mapping(yaml.file(target, path))
        lines = target.text(path).split("\n")
        if path.rpartition("/")[2] != mix.main and _opts_in_whole(path, document, lines, opts_in):
            continue
        for source in yaml.elements(document.get(mix.sources)):
            entry = yaml.mapping(source)
            value = entry.get(mix.path)
            if not isinstance(value, yaml.Scalar) or _opts_in(entry, value, lines, opts_in):
                continue
            if not _excludes(yaml.elements(entry.get(mix.exclude)), params.layout):
                yield _Argument(value.value, path, value.place(0), "the mix takes")


def _opt_in(params: Params) -> re.Pattern[str]:
    return re.compile(rf"(?<!\bnot )(?<!\bno )\b(?:{params.opt_in})\b", re.IGNORECASE)


def _opts_in_whole(path: str, document: yaml.Mapping, lines: Sequence[str], opts_in: re.Pattern[str]) -> bool:
    """Tell whether a configuration of its own opts in: by its name, a key, or the comment at its head."""
    if opts_in.search(path.rpartition("/")[2]) or _has_key(document, opts_in):
        return True
    head = takewhile(lambda line: line.startswith("#") or not line.strip(), lines)
    return any(opts_in.search(line) for line in head)


def _opts_in(entry: yaml.Mapping, value: yaml.Scalar, lines: Sequence[str], opts_in: re.Pattern[str]) -> bool:
    """Tell whether a source opts in: by a key of its own, or a comment on its lines or directly above."""
    if _has_key(entry, opts_in):
        return True
    last = max(
        (node.line for pair in entry.items for node in pair if isinstance(node, yaml.Scalar)), default=value.line
    )
    beside = [re.search(r"(?:^|\s)#.*", line) for line in lines[entry.line - 1 : last]]
    comments = [match.group() for match in beside if match]
    above = entry.line - 2
    while above >= 0 and lines[above].lstrip().startswith("#"):
        comments.append(lines[above])
        above -= 1
    return any(opts_in.search(comment) for comment in comments)


def _has_key(entry: yaml.Mapping, opts_in: re.Pattern[str]) -> bool:
    return any(
        opts_in.search(key.value.replace("_", " ")) and (yaml.scalar(value) or "").casefold() not in _NO
        for key, value in entry.pairs()
    )


def _excludes(items: Iterable[yaml.Node], layout: Layout) -> bool:
    values = [_normal(value) for item in items if (value := yaml.scalar(item))]
    return bool(values) and all(any(_inside(archive, value) for value in values) for archive in layout.archives)


# --- calls ----------------------------------------------------------------------------------------------------------


def _call_arguments(target: Target, params: Params, goldens: _Goldens) -> Iterator[_Argument]:
    """Give what the ingesting commands are given in CI, scripts, pages and printed text."""
    archived = globs.matcher(params.archived)
    opts_in = _opt_in(params)
    paths = [path for path in target.glob(*params.told_in) if not archived(path)]
    for path in params.commands.narrow(target, paths, _ungolden(params.layout, goldens)):
        for call in invocations.find(target, path, params.commands):
            if not opts_in.search(call.comment) and not _excluded_by_flag(call, params.layout):
                yield from _of_call(call, params)


def _ungolden(layout: Layout, goldens: _Goldens) -> re.Pattern[bytes]:
    """Give a pattern for what a call must name to be wrong: the examples but no golden folder, or the repository."""
    below = (folder.removeprefix(layout.root) for folder in goldens.golden if _inside(folder, layout.root))
    tails = "|".join(map(re.escape, below)) or "(?!)"
    root = re.escape(layout.root)
    whole = r"[\s\"'`]\.[/\\]?(?:[\s\"'`]|\Z)"
    return re.compile(rf"{root}(?!(?:{tails})(?![\w-]))|{root}[^\s\"'`]*\.\.|{whole}".encode())


def _of_call(call: invocations.Invocation, params: Params) -> Iterator[_Argument]:
    what = f"`{call.words[0].value} {call.words[1].value}` ingests"
    only = params.inputs.get(call.words[1].value)
    flag = ""
    for word in call.words[2:]:
        name, _, attached = word.value.partition("=")
        if word.value.startswith("-") and not attached:
            flag = name
            continue
        of, value = (name, attached) if word.value.startswith("-") else (flag, word.value)
        flag = ""
        if of in params.outputs or (only and of != only) or not value:
            continue
        if value == "." and call.words[1].value != params.commands.subcommands[0]:
            continue
        if call.cwd:
            value = posixpath.join(call.cwd, value)
        yield _Argument(value, call.path, (word.line, word.column + len(word.value) - len(value)), what)


def _excluded_by_flag(call: invocations.Invocation, layout: Layout) -> bool:
    values = [
        word.value.partition("=")[2] or after.value
        for word, after in zip(call.words, [*call.words[1:], call.words[-1]], strict=True)
        if word.value.startswith("--exclude")
    ]
    excluded = [_normal(value) for value in values]
    return bool(excluded) and all(any(_inside(archive, value) for value in excluded) for archive in layout.archives)


# --- code -----------------------------------------------------------------------------------------------------------


def _code_arguments(target: Target, params: Params, sources: Sequence[str], goldens: _Goldens) -> Iterator[_Argument]:
    """Give the path literals that flow into what ingests: directly, through variables, or as a default."""
    root = params.layout.root.encode()
    corpus = globs.matcher(params.code)
    own, everywhere = _names((*params.sinks, *params.walkers)), _names(params.sinks)
    literal = re.compile(re.escape(root) + rb'(?:[/\\*][^"]*)?(?=")')
    for path in target.containing([root], sources):
        data = target.data(path)
        found = (_quoted(data, match) for match in literal.finditer(data))
        values = {value.decode("utf-8", "replace") for value in found if value}
        if values and not _CLIMBS.search(data):
            values = {value for value in values if not _is_golden_path(_normal(value), goldens)}
        if values and (own if corpus(path) else everywhere).search(data):
            names = (*params.sinks, *params.walkers) if corpus(path) else params.sinks
            yield from _Flow(rust.file(target, path), names, params).arguments()


_CLIMBS = re.compile(rb"[\"/\\]\.\.")
"""A path that goes up: what begins in a golden folder may then leave it."""


_ABOVE = re.compile(rb"(?:\{[^{}]*\}/)?(?:[./\\]*[./\\])?")
"""What may stand before the examples folder in a path: a variable, and steps up."""


def _quoted(data: bytes, tail: re.Match[bytes]) -> bytes | None:
    """Give the string literal that ends with `tail`, if it is a path that begins with that."""
    quote = data.rfind(b'"', max(0, tail.start() - _REACH), tail.start())
    before = data[quote + 1 : tail.start()]
    return before + tail.group() if quote >= 0 and _ABOVE.fullmatch(before) else None


def _literals(names: Iterable[str]) -> list[bytes]:
    """Give for every glob on names the text that its matches begin or end with."""
    return [name.strip("*").split("*")[0].encode() for name in names]


def _names(names: Iterable[str]) -> re.Pattern[bytes]:
    """Give a pattern for the identifiers that match any of the globs `names`."""
    return re.compile("|".join(rf"\b{re.escape(name)}\b".replace(r"\*", r"\w*") for name in names).encode())


class _Flow:
    """Follows the path literals of one file to what ingests them."""

    def __init__(self, file: rust.RustFile, sinks: Sequence[str], params: Params) -> None:
        self.file = file
        self.sinks = sinks
        self.params = params
        self.opts_in = _opt_in(params)

    def arguments(self) -> Iterator[_Argument]:
        for literal in rust.strings(self.file):
            root = self.params.layout.root
            if root not in literal.value or not _inside(_normal(literal.value), root):
                continue
            if rust.in_test_code(self.file, literal.node):
                continue
            reached = list(self._reaches(literal.node, literal.value, _HOPS))
            if reached and any(self.opts_in.search(text) for text in self._comments(literal.node)):
                continue
            for value in reached:
                line, column = self.file.position(literal.node)
                yield _Argument(value, self.file.path, (line, column + 1), "the corpus is built from")
        yield from self._defaults()

    def _comments(self, node: Node) -> Iterator[str]:
        """Give the comments on the line of `node` and the line above."""
        line = self.file.position(node)[0]
        for comment in rust.comments(self.file):
            if line - 1 <= self.file.position(comment.node)[0] <= line:
                yield comment.text

    def _reaches(self, node: Node, path: str, hops: int) -> Iterator[str]:
        """Give the path as it is when it reaches a sink; nothing when it reaches none."""
        while node.parent is not None:
            parent = node.parent
            if parent.type == "field_expression" and parent.child_by_field_name("value") == node:
                path = self._joined(parent, path)
            elif parent.type in {"call_expression", "struct_expression"} and self._is_sink(parent):
                yield path
                return
            elif parent.type == "field_initializer":
                name = parent.child_by_field_name("field")
                if name is not None and self.file.text_of(name) in self.params.outputs:
                    return
            elif parent.type in _BINDERS:
                bound = self._bound(parent, node) if hops else None
                if bound is not None:
                    yield from self._uses(*bound, path, hops - 1)
                    return
                if parent.type != "for_expression":
                    return
            elif parent.type in {"function_item", "closure_expression", "source_file"}:
                return
            node = parent

    def _bound(self, binder: Node, value: Node) -> tuple[Node, Node, str] | None:
        """Give the scope of the name that a let, a constant or a loop gives to `value`, its declaration, the name."""
        scope: Node | None = self.file.root
        declaration, name = binder, binder.child_by_field_name("name")
        if binder.type == "let_declaration":
            scope, name = binder.parent, binder.child_by_field_name("pattern")
        elif binder.type == "for_expression":
            scope, name = binder.child_by_field_name("body"), binder.child_by_field_name("pattern")
            if name is None or binder.child_by_field_name("value") != value:
                return None
            declaration = name
        if scope is None or name is None or name.type not in {"identifier", "reference_pattern"}:
            return None
        return scope, declaration, self.file.text_of(name).strip("& ")

    def _joined(self, access: Node, path: str) -> str:
        """Give the path after `.join("...")` or `.push("...")`."""
        name = access.child_by_field_name("field")
        call = access.parent
        if name is None or call is None or self.file.text_of(name) not in {"join", "push"}:
            return path
        arguments = call.child_by_field_name("arguments")
        first = next(iter(arguments.named_children), None) if arguments is not None else None
        if first is None or first.type not in {"string_literal", "raw_string_literal"}:
            return path
        return posixpath.join(path, rust.string(self.file, first).value)

    def _is_sink(self, node: Node) -> bool:
        name = node.child_by_field_name("function" if node.type == "call_expression" else "name")
        if name is None:
            return False
        segments = re.sub(r"\s|::<.*?>", "", self.file.text_of(name)).split("::")
        return any(fnmatchcase(segment, sink) for segment in segments[-2:] for sink in self.sinks)

    def _uses(self, scope: Node, declaration: Node, name: str, path: str, hops: int) -> Iterator[str]:
        """Follow a name through the scope it is known in: a variable from its declaration on, a constant everywhere."""
        anywhere = scope.parent is None
        for use in rust.walk(scope, "identifier", "shorthand_field_initializer"):
            if self.file.text_of(use) != name or use.parent == declaration:
                continue
            if use.start_byte < declaration.end_byte and not anywhere:
                continue
            reached = list(self._reaches(use, path, hops))
            if reached:
                yield reached[0]
                return

    def _defaults(self) -> Iterator[_Argument]:
        """Give the clap defaults of arguments of an ingesting command."""
        pattern = re.compile(r'default_value(?:_t)?\s*=\s*"([^"]*)"')
        for item in rust.find(self.file, "attribute_item"):
            if self.params.layout.root.encode() not in self.file.source[item.start_byte : item.end_byte]:
                continue
            match = pattern.search(self.file.text_of(item))
            owner = rust.enclosing(item, "enum_item")
            name = owner.child_by_field_name("name") if owner is not None else None
            if not match or name is None:
                continue
            field = item.next_named_sibling
            while field is not None and field.type in {"attribute_item", "line_comment", "block_comment"}:
                field = field.next_named_sibling
            label = field.child_by_field_name("name") if field is not None else None
            if label is None or self.file.text_of(label) in self.params.outputs:
                continue
            if any(fnmatchcase(self.file.text_of(name), sink) for sink in self.sinks):
                start = item.start_byte + len(self.file.text_of(item)[: match.start(1)].encode())
                place = self.file.position(start)
                if _inside(_normal(match.group(1)), self.params.layout.root):
                    yield _Argument(match.group(1), self.file.path, place, "the default of a corpus command is")


_LIST = re.compile(r'"[^"\n]*"(?:\s*[|,]\s*"[^"\n]*")+')


def _walks(target: Target, params: Params, goldens: _Goldens) -> Iterator[Finding]:
    """Note the walkers for examples that leave folders out by name, but not the archives."""
    archives = [posixpath.basename(archive) for archive in params.layout.archives]
    kind = f'"{params.layout.suffix.lstrip(".")}"'
    paths = target.containing([f'"{name}"'.encode() for name in params.skipped], target.glob(*params.code))
    for path in target.containing([kind.encode()], paths):
        source = rust_text.code(target, path)
        for function in re.finditer(r"\bfn\s+(\w+)", source.bare):
            end = source.item_end(function.end())
            walks = any(fnmatchcase(function[1], walker) for walker in params.walkers)
            if not walks or kind not in source.code[function.end() : end] or source.in_test(function.start()):
                continue
            for listed in _LIST.finditer(source.code, function.end(), end):
                names = re.findall(r'"([^"]*)"', listed.group())
                if any(name in params.skipped for name in names) and not any(name in archives for name in names):
                    what = f"`{function[1]}` leaves out {', '.join(map(repr, names))}, but not {archives[0]!r}"
                    place = source.place(listed.start())
                    yield Finding(path, what, *place, related=goldens.related, level="note")


# --- pages ----------------------------------------------------------------------------------------------------------


def _linked(target: Target, params: Params, goldens: _Goldens) -> Iterator[Finding]:
    """Give the example files that a training page links or includes from outside the golden folders."""
    layout = params.layout
    suffix = re.escape(layout.suffix)
    link = re.compile(rf"\]\(\s*<?([^)\s>#]+{suffix})|\{{\{{#\w*include\s+([^}}\s:]+{suffix})|\]:\s*(\S+{suffix})")
    unread: UnreadableError | None = None
    for path in target.containing([layout.root.encode() + b"/"], target.glob(*params.pages)):
        try:
            yield from _linked_from(target, path, link, params, goldens)
        except UnreadableError as error:
            unread = unread or error
    if unread:
        raise unread


def _linked_from(
    target: Target, path: str, link: re.Pattern[str], params: Params, goldens: _Goldens
) -> Iterator[Finding]:
    # bytes first: a page that is no text is only a matter of this rule when it links an example
    data = target.data(path)
    if params.layout.suffix.encode() not in data or _only_golden(data, params.layout, goldens):
        return
    if not _outside_hrefs(path, data.decode("utf-8", "replace"), link, params.layout, goldens):
        return
    outside = _outside_hrefs(path, target.text(path, markdown.MARKDOWN_LIMIT), link, params.layout, goldens)
    if params.excluded.covers(target, path):
        return
    for found, place in _references(markdown.page(target, path), link):
        if found in outside:
            yield _link_finding(path, found, place, params.layout, goldens)


def _only_golden(data: bytes, layout: Layout, goldens: _Goldens) -> bool:
    """Tell whether every mention of the examples folder goes on to a golden one."""
    folders = [folder.encode() + b"/" for folder in goldens.golden]
    climbs = any(folder + b".." in data for folder in folders)
    return not climbs and data.count(layout.root.encode() + b"/") == sum(map(data.count, folders))


def _outside_hrefs(path: str, text: str, link: re.Pattern[str], layout: Layout, goldens: _Goldens) -> set[str]:
    folder = posixpath.dirname(path)
    hrefs = {href for match in link.finditer(text) for href in match.groups() if href}
    return {href for href in hrefs if _is_outside(_join(folder, href), layout, goldens)}


def _references(page: markdown.Page, link: re.Pattern[str]) -> Iterator[tuple[str, markdown.Place]]:
    """Give the links of a page, and the files its include directives name, in fences too."""
    for block in page.blocks:
        if block.kind == "html":
            continue
        for line in block.lines:
            for match in link.finditer(line.text):
                if match.group(2):
                    yield match.group(2), (line.line, line.column + match.start(2))
        for inline in block.inlines:
            if inline.kind == "link":
                yield inline.href.partition("#")[0], inline.place
        for match in link.finditer(block.content if block.kind in {"paragraph", "cell"} else ""):
            if match.group(2):
                yield match.group(2), block.place(match.start(2))


def _is_outside(path: str, layout: Layout, goldens: _Goldens) -> bool:
    return _inside(path, layout.root) and not _is_golden_path(path, goldens)


def _link_finding(page: str, href: str, place: markdown.Place, layout: Layout, goldens: _Goldens) -> Finding:
    path = _join(posixpath.dirname(page), href)
    line, column = place
    beside = posixpath.dirname(path) == layout.root and not goldens.declared
    negative = next((folder for folder in goldens.negative if _inside(path, folder)), None)
    kind = f"in {negative!r}, deliberately invalid examples" if negative else f"outside {', '.join(goldens.golden)}"
    what = f"a page that is training text takes in {path!r}, which lies {kind}"
    hint = "link a golden example, name the file in a code span, or keep the page out of training"
    level: Level = "note" if beside else "error"
    return Finding(page, what, line, column, help=hint, related=goldens.related, level=level)
