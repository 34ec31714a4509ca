"""The command tree of a Rust program, from its clap derive attributes alone: nothing is compiled or run.

Source: clap 4's derive reference (`clap::_derive`). A command is built when it is first asked for, so a question
about one subcommand parses the files of that subcommand only. The builder interface is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.views import cfg, placed, rust, rust_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.rust import RustFile

_DERIVES = {"Parser", "Args", "Subcommand", "ValueEnum", "StructOpt"}
_ATTRIBUTES = {"command", "arg", "clap", "value", "structopt"}
_WRAPPERS = {"Option", "Vec", "Box", "Arc", "Rc"}
_NO_VALUE = {"SetTrue", "SetFalse", "Count", "Help", "HelpShort", "HelpLong", "Version"}
_DEPTH = 12
"""How deep subcommands and flattened types are followed; clap trees that nest deeper are recursive by mistake."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: 1-based line and column in characters."""

    path: str
    line: int
    column: int


@dataclass(frozen=True)
class Text:
    """A text that clap shows. `marks` gives (offset into `value`, line, column) wherever a run of source begins."""

    kind: str
    value: str
    path: str
    marks: tuple[tuple[int, int, int], ...]

    def position(self, offset: int) -> tuple[int, int]:
        """Give the 1-based (line, column) at which `value[offset]` was written."""
        found = (0, 1, 1)
        for mark in self.marks:
            if mark[0] > offset:
                break
            found = mark
        return (found[1], found[2] + offset - found[0])


@dataclass(frozen=True)
class Value:
    """A possible value of an argument, as typed on the command line."""

    name: str
    aliases: tuple[str, ...]
    hidden: bool
    variant: str
    place: Place
    texts: tuple[Text, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Argument:
    """A flag, option or (without `long` and `short`) positional argument.

    `aliases` are the hidden and visible other long names, `visible_aliases` those that help shows. `values` is None
    when any value, or an unknown set of them, is accepted. `default` is the text clap shows; None when there is none
    or, if `default_source` is set, when the expression `default_source` could not be followed.
    """

    id: str
    long: str | None
    short: str | None
    aliases: tuple[str, ...]
    visible_aliases: tuple[str, ...]
    takes_value: bool
    values: tuple[Value, ...] | None
    default: str | None
    default_source: str | None
    hidden: bool
    is_global: bool
    required: bool
    trailing: bool
    env: str | None
    place: Place
    default_place: Place | None = None
    texts: tuple[Text, ...] = field(default=(), compare=False, repr=False)

    @property
    def positional(self) -> bool:
        """Tell whether it is given by position."""
        return self.long is None and self.short is None

    @property
    def flags(self) -> tuple[str, ...]:
        """Give every spelling, dashes included."""
        names = [f"--{name}" for name in ((self.long,) if self.long else ()) + self.aliases]
        return (*names, f"-{self.short}") if self.short else tuple(names)

    def accepts(self, value: str) -> bool:
        """Tell whether `value` is allowed, as far as that is known."""
        return self.values is None or any(value == known.name or value in known.aliases for known in self.values)


class _Member(NamedTuple):
    """An enum, struct, variant or field with the attributes and docs that stand before it."""

    file: RustFile
    node: Node
    attributes: tuple[Node, ...]
    docs: tuple[Node, ...]


class _Option(NamedTuple):
    """`key`, `key = value` or `key(value)` inside a clap attribute."""

    key: str
    node: Node
    value: tuple[Node, ...]


class _Type(NamedTuple):
    """A field's type: the wrappers around it, and its path."""

    wrappers: tuple[str, ...]
    segments: tuple[str, ...]


class Command:
    """A command of the tree: its names, arguments and subcommands, the last two read when first asked for.

    `aliases` are the other names, hidden ones included; `visible_aliases` those that help shows. `conditions` are the
    cfgs under which its definitions exist. `attribute_place` is where its first clap option stands. A `pass_through`
    command takes whatever follows as it is.
    """

    def __init__(self, name: str, member: _Member, reader: _Reader, parts: tuple[_Part, ...]) -> None:
        self.name = name
        self._member = member
        self._reader = reader
        self._parts = parts
        options = _options(member)
        hidden_aliases, visible = _aliases(member.file, options)
        self.aliases = hidden_aliases + visible
        self.visible_aliases = visible
        self.hidden = _flag(options, "hide")
        self.place = _place(member.file, _name_node(member.node))
        self.attribute_place = _place(member.file, options[0].node) if options else self.place
        self.condition = _condition(member)

    def __repr__(self) -> str:
        return f"<Command {self.name} at {self.place.path}:{self.place.line}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Give the name and all aliases."""
        return (self.name, *self.aliases)

    @cached_property
    def _content(self) -> tuple[tuple[Argument, ...], tuple[Command, ...], bool]:
        arguments: list[Argument] = []
        commands: list[Command] = []
        external = False
        for part in self._parts:
            found, below, accepts = self._reader.read(part)
            arguments.extend(found)
            commands.extend(below)
            external = external or accepts
        return (tuple(arguments), _merge(commands), external)

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """Give its own arguments, flattened ones included, in the order of their definition."""
        return self._content[0]

    @property
    def subcommands(self) -> tuple[Command, ...]:
        """Give its subcommands, flattened ones included; of a real command and its stub, the real one."""
        return self._content[1]

    @property
    def external(self) -> bool:
        """Tell whether unknown subcommands are accepted (`external_subcommand`)."""
        return self._content[2]

    @cached_property
    def pass_through(self) -> bool:
        """Tell whether it takes everything that follows as it is: one trailing argument and nothing else."""
        if len(self._parts) != 1 or self._parts[0].kind == "enum":
            return False
        fields = list(_children(self._parts[0].member.file, self._parts[0].node))
        return len(fields) == 1 and _trailing(_options(fields[0]))

    def subcommand(self, name: str) -> Command | None:
        """Give the subcommand of that name or alias."""
        return next((known for known in self.subcommands if name in known.names), None)

    def find(self, names: Sequence[str]) -> Command | None:
        """Follow `names` downwards."""
        found: Command | None = self
        for name in names:
            found = found.subcommand(name) if found else None
        return found

    def argument(self, flag: str) -> Argument | None:
        """Give the argument spelled `--long` or `-s`."""
        return next((known for known in self.arguments if flag in known.flags), None)

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
        """Give this command and all below it, each with the names that lead to it."""
        here = (*path, self.name)
        yield here, self
        if len(here) < _DEPTH:
            for known in self.subcommands:
                yield from known.walk(here)

    @property
    def texts(self) -> tuple[Text, ...]:
        """Give the texts about the command itself (not its arguments): docs, about, long_about, help text around."""
        return self._reader.texts(self._member)

    def all_texts(self) -> Iterator[Text]:
        """Give every text that `--help` of this command and of all below it can show."""
        for _, command in self.walk():
            yield from command.texts
            for argument in command.arguments:
                yield from argument.texts
                for value in argument.values or ():
                    yield from value.texts


class Found(NamedTuple):
    """How far the words of a command line led: `chain` holds the commands walked through, `rest` what follows."""

    chain: tuple[Command, ...]
    words: tuple[str, ...]
    rest: tuple[str, ...]

    @property
    def command(self) -> Command:
        """Give the last command reached."""
        return self.chain[-1]

    def argument(self, flag: str) -> Argument | None:
        """Give the argument spelled `flag`: one of the command, or a global one of those above."""
        own = self.command.argument(flag)
        if own:
            return own
        above = (command.argument(flag) for command in reversed(self.chain[:-1]))
        return next((known for known in above if known and known.is_global), None)


def programs(target: Target) -> tuple[Command, ...]:
    """Give the programs: every type that derives Parser and has a name of its own or is parsed where it stands."""
    return target.view(_programs)


def program(target: Target, name: str) -> Command | None:
    """Give the program of that name: what `#[command(name)]` says, else the name of its package, as clap has it."""
    return next((known for known in programs(target) if known.name == name), None)


def command(target: Target, name: str) -> Command | None:
    """Give the command tree whose root type says `#[command(name = "NAME")]`, or the subcommand of that name."""
    return target.view(_reader).command(name)


def resolve(target: Target, words: Sequence[str]) -> Found | None:
    """Follow `words` (a program, then its subcommands) as far as they lead; None when there is no such program.

    A command that hands everything on is followed into the tree that defines it: a command of that name elsewhere,
    or the program `PROGRAM-NAME`.
    """
    root = program(target, words[0])
    return follow(target, root, words) if root else None


def follow(target: Target, root: Command, words: Sequence[str]) -> Found:
    """Follow `words` down from `root`, which the first of them names."""
    chain = [root]
    at = 1
    while at < len(words):
        below = chain[-1].subcommand(words[at])
        if below is None:
            break
        if below.pass_through:
            below = command(target, below.name) or program(target, f"{words[0]}-{below.name}") or below
        chain.append(below)
        at += 1
    return Found(tuple(chain), tuple(words[:at]), tuple(words[at:]))


def constant(target: Target, path: str, segments: Sequence[str]) -> tuple[str, Place] | None:
    """Give the value and place of the literal constant that `segments` mean in the file `path`, if unmistakable."""
    return target.view(_reader).constant(path, tuple(segments))


def listed_values(target: Target, name: str, paths: Iterable[str]) -> tuple[tuple[str, Place], ...]:
    """Give the strings of the constant list `name`, the first that one of `paths` defines, with their places."""
    pattern = re.compile(rf"\b(?:const|static)\s+{name}\s*:[^=;]+=\s*&?\s*\[(?P<items>[^\]]*)\]")
    for path in target.containing((f" {name}".encode(),), paths):
        source = rust_text.code(target, path)
        match = pattern.search(source.code)
        if match and not source.in_test(match.start()):
            items = re.compile(r'"([^"\\]*)"').finditer(source.code, match.start("items"), match.end("items"))
            return tuple((item.group(1), Place(path, *source.place(item.start()))) for item in items)
    return ()


def literal_constant(target: Target, name: str, paths: Iterable[str]) -> tuple[str, Place] | None:
    """Give the literal value and place of the constant `name`, the first that one of `paths` defines."""
    pattern = re.compile(_CONSTANT.replace("NAME", re.escape(name)))
    for path in target.containing((f" {name}".encode(),), paths):
        source = rust_text.code(target, path)
        match = pattern.search(source.code)
        if match and not source.in_test(match.start()):
            return (_literal(match.group("value")), Place(path, *source.place(match.start("value"))))
    return None


def compared_values(target: Target, path: str) -> tuple[str, ...]:
    """Give the strings that a file tests values for equality with, outside its tests.

    A list of known names seldom holds the special ones: `auto` is what `if name == "auto"` beside the list says.
    """
    source = rust_text.code(target, path)
    compared = re.finditer(r'==\s*"([^"\\]+)"', source.code)
    return tuple(item.group(1) for item in compared if not source.in_test(item.start()))


class _Part(NamedTuple):
    """Where the content of a command stands: the variants or fields of a node, or a named type."""

    kind: str
    member: _Member
    node: Node
    casing: str
    depth: int


class _Reader:
    """Reads the clap types of one target, each once."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._members: dict[str, dict[str, list[_Member]]] = {}
        self._values: dict[tuple[str, int], tuple[Value, ...] | None] = {}
        self._constants: dict[tuple[str, tuple[str, ...]], tuple[str, Place] | None] = {}
        self._commands: dict[str, Command | None] = {}

    # types

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Give the Rust files that can define a clap type."""
        return tuple(self.target.containing((_ANCHOR,), self.target.glob("*.rs")))

    @cached_property
    def index(self) -> dict[str, tuple[str, ...]]:
        """Give the files that may define each type, by name: a guess from the text, settled by `members`."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            for name in set(_DEFINITION.findall(self.target.data(path))):
                found.setdefault(name.decode(), []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    def members(self, path: str) -> dict[str, list[_Member]]:
        """Give the enums and structs of a file by name, those that no build can hold left out."""
        if path not in self._members:
            found: dict[str, list[_Member]] = {}
            for member in self._type_items(rust.file(self.target, path)):
                if self.possible(member):
                    found.setdefault(_text(member.file, _name_node(member.node)), []).append(member)
            self._members[path] = found
        return self._members[path]

    def _type_items(self, file: RustFile) -> Iterator[_Member]:
        """Give the enums and structs of a file, also those in inline modules, impls and functions left out."""
        waiting = [file.root]
        while waiting:
            container = waiting.pop()
            for member in _children(file, container):
                if member.node.type in {"enum_item", "struct_item"}:
                    yield member
                elif member.node.type == "mod_item" and self.possible(member):
                    body = member.node.child_by_field_name("body")
                    if body is not None:
                        waiting.append(body)

    def possible(self, member: _Member) -> bool:
        """Tell whether some build outside the tests can hold a member: its cfgs allow it, its features exist."""
        condition = _condition(member)
        if condition == cfg.TRUE:
            return True
        declared = placed.features(self.target, member.file.path)
        features = [atom for atom in cfg.atoms(condition) if atom.name == "feature"] if declared is not None else []
        unknown = [cfg.Not(atom) for atom in features if atom.value not in (declared or ())]
        return cfg.satisfiable(cfg.conjoin([condition, cfg.Not(cfg.Atom("test")), *unknown]))

    def type(self, path: str, segments: tuple[str, ...], *, mounted: bool = False) -> _Member | None:
        """Give the definition that the type path `segments` written in the file `path` most probably means.

        A `mounted` type is one that flattening or nesting needs: it exists for sure.
        """
        if not segments:
            return None
        name = segments[-1]
        candidates = self.index.get(name, ())
        if mounted and not candidates:
            needles = (f"enum {name}".encode(), f"struct {name}".encode())
            candidates = tuple(self.target.containing(needles, self.target.glob("*.rs")))
        if len(candidates) > 1:
            wanted = self._imported(path, segments)
            candidates = tuple(sorted(candidates, key=lambda other: _distance(other, path, wanted)))
        for candidate in candidates:
            for member in self.members(candidate).get(name, ()):
                if _derives(member) and placed.is_live(self.target, candidate):
                    return member
        return None

    def _imported(self, path: str, segments: tuple[str, ...]) -> tuple[str, ...]:
        """Expand the first segment through the file's `use` declarations."""
        text = self.target.text(path)
        pattern = rf"^\s*(?:pub(?:\([^)]*\))?\s+)?use\s+([\w:\s]*?)(?:\{{[^}};]*)?\b{segments[0]}\b"
        use = re.search(pattern, text, re.MULTILINE)
        if use is None:
            return segments
        return (*(part for part in re.split(r"[\s:]+", use.group(1)) if part), *segments)

    # values and constants

    def values(self, path: str, segments: tuple[str, ...]) -> tuple[Value, ...] | None:
        """Give the values of a type that derives ValueEnum, else None."""
        member = self.type(path, segments)
        if member is None or "ValueEnum" not in _derives(member):
            return None
        key = (member.file.path, member.node.start_byte)
        if key not in self._values:
            self._values[key] = tuple(self._variants(member))
        return self._values[key]

    def _variants(self, member: _Member) -> Iterator[Value]:
        options = _options(member)
        casing = _string_option(member.file, options, "rename_all") or "kebab-case"
        for variant in _children(member.file, member.node):
            own = _options(variant)
            if not self.possible(variant) or _flag(own, "skip"):
                continue
            name = _text(variant.file, _name_node(variant.node))
            hidden, visible = _aliases(variant.file, own)
            spelled = _string_option(variant.file, own, "name") or rename(name, casing)
            place = _place(variant.file, variant.node)
            yield Value(spelled, hidden + visible, _flag(own, "hide"), name, place, self.texts(variant))

    def default_variant(self, path: str, segments: tuple[str, ...]) -> str | None:
        """Give the value of the variant marked `#[default]`."""
        member = self.type(path, segments)
        for variant in _children(member.file, member.node) if member else ():
            if any(_attribute_path(variant.file, node) == "default" for node in variant.attributes):
                name = _text(variant.file, _name_node(variant.node))
                return next((known.name for known in self.values(path, segments) or () if known.variant == name), None)
        return None

    def constant(self, path: str, segments: tuple[str, ...]) -> tuple[str, Place] | None:
        """Give the literal that `const NAME` holds in the crate that `segments` point into."""
        if (path, segments) not in self._constants:
            self._constants[path, segments] = self._constant(path, segments)
        return self._constants[path, segments]

    def _constant(self, path: str, segments: tuple[str, ...]) -> tuple[str, Place] | None:
        name = segments[-1]
        folder = self._crate(path, segments[0] if len(segments) > 1 else "self")
        if folder is None:
            return None
        pattern = re.compile(_CONSTANT.replace("NAME", re.escape(name)))
        paths: Sequence[str] = self.target.glob(f"/{folder}/**/*.rs" if folder else "*.rs")
        if len(segments) == 1 and self.target.containing((f"const {name}".encode(),), [path]):
            paths = [path]
        found: list[tuple[str, Place]] = []
        for candidate in self.target.containing((f"const {name}".encode(),), paths):
            source = rust_text.code(self.target, candidate)
            found.extend(
                (_literal(match.group("value")), Place(candidate, *source.place(match.start("value"))))
                for match in pattern.finditer(source.code)
                if not source.in_test(match.start())
            )
        return found[0] if len({value for value, _ in found}) == 1 else None

    def _crate(self, path: str, first: str) -> str | None:
        """Give the folder of the package that a path's first segment means in the file `path`."""
        own = _package_folder(self.target, path)
        if first in {"crate", "self", "super"} or first[:1].isupper():
            return own
        folders = self.target.view(_package_folders)
        return folders.get(first, own)

    # commands

    def command(self, name: str) -> Command | None:
        """Give the tree rooted at a type named `name`, else the subcommand variant of that name that has content."""
        if name not in self._commands:
            self._commands[name] = self._command(name)
        return self._commands[name]

    def _command(self, name: str) -> Command | None:
        needle = f'"{name}"'.encode()
        named = self.target.containing((needle,), self.files)
        for path in named:
            for members in self.members(path).values():
                for member in members:
                    derives = _derives(member)
                    explicit = _string_option(member.file, _options(member), "name")
                    fitting = bool(derives & {"Subcommand", "Parser"}) and member.node.type == "enum_item"
                    if explicit == name and fitting and placed.is_live(self.target, path):
                        return self.root(name, member)
        variant = rename(name, "PascalCase").encode()
        for path in dict.fromkeys([*named, *self.target.containing((variant,), self.files)]):
            for members in self.members(path).values():
                for member in members:
                    if member.node.type == "enum_item" and _derives(member) & {"Subcommand", "Parser"}:
                        part = _Part("enum", member, member.node, _casing(member), 0)
                        found = next((known for known in self.read(part)[1] if known.name == name), None)
                        if found and not found.pass_through and placed.is_live(self.target, path):
                            return found
        return None

    def root(self, name: str, member: _Member) -> Command:
        """Make the command that a Parser or Subcommand type stands for."""
        return Command(name, member, self, (self._part(member, 0),))

    def _part(self, member: _Member, depth: int) -> _Part:
        kind = "enum" if member.node.type == "enum_item" else "struct"
        return _Part(kind, member, member.node, _casing(member), depth)

    def read(self, part: _Part) -> tuple[list[Argument], list[Command], bool]:
        """Give the arguments and subcommands of a part, and whether any further subcommand is accepted."""
        if part.depth > _DEPTH:
            return ([], [], False)
        return self._enum(part) if part.kind == "enum" else self._struct(part)

    def _enum(self, part: _Part) -> tuple[list[Argument], list[Command], bool]:
        commands: list[Command] = []
        external = False
        for variant in _children(part.member.file, part.node):
            options = _options(variant)
            if not self.possible(variant) or _flag(options, "skip"):
                continue
            if _flag(options, "external_subcommand"):
                external = True
            elif _flag(options, "flatten"):
                for below in self._payload(variant, part.depth):
                    commands.extend(self.read(below)[1])
            else:
                commands.append(self._variant(variant, options, part))
        return ([], commands, external)

    def _variant(self, variant: _Member, options: list[_Option], part: _Part) -> Command:
        name = _text(variant.file, _name_node(variant.node))
        spelled = _string_option(variant.file, options, "name") or rename(name, part.casing)
        body = variant.node.child_by_field_name("body")
        if body is not None and body.type == "field_declaration_list":
            casing = _string_option(variant.file, options, "rename_all") or part.casing
            parts: tuple[_Part, ...] = (_Part("struct", variant, body, casing, part.depth + 1),)
        else:
            parts = tuple(self._payload(variant, part.depth))
        return Command(spelled, variant, self, parts)

    def _payload(self, variant: _Member, depth: int) -> Iterator[_Part]:
        """Give the type inside a tuple variant."""
        body = variant.node.child_by_field_name("body")
        for child in body.named_children if body is not None else ():
            if child.type in _TYPE_NODES:
                member = self.type(variant.file.path, _type(variant.file, child).segments, mounted=True)
                if member:
                    yield self._part(member, depth + 1)

    def _struct(self, part: _Part) -> tuple[list[Argument], list[Command], bool]:
        arguments: list[Argument] = []
        commands: list[Command] = []
        external = False
        for item in _children(part.member.file, part.node):
            options = _options(item)
            type_node = item.node if item.node.type in _TYPE_NODES else item.node.child_by_field_name("type")
            if type_node is None or not self.possible(item) or _flag(options, "skip") or _flag(options, "from_global"):
                continue
            if _flag(options, "flatten") or _flag(options, "subcommand"):
                member = self.type(item.file.path, _type(item.file, type_node).segments, mounted=True)
                if member:
                    found, below, accepts = self.read(self._part(member, part.depth + 1))
                    arguments.extend(found)
                    commands.extend(below)
                    external = external or accepts
            elif item.node.type == "field_declaration":
                arguments.append(self._argument(item, options, type_node, part.casing))
        return (arguments, commands, external)

    def _argument(self, item: _Member, options: list[_Option], type_node: Node, casing: str) -> Argument:
        file = item.file
        identifier = _text(file, _name_node(item.node)).removeprefix("r#")
        spelled = rename(identifier, casing)
        given = _type(file, type_node)
        by_key = {option.key: option for option in options}
        long = by_key.get("long")
        short = by_key.get("short")
        long_name = (_nodes_string(file, long.value) or spelled) if long else None
        short_name = (_nodes_string(file, short.value) or spelled[:1]) if short else None
        hidden, visible = _aliases(file, options)
        values = self._argument_values(file, by_key, given)
        default, source, place = self._default(file, by_key, given, values)
        return Argument(
            id=identifier,
            long=long_name,
            short=short_name,
            aliases=hidden + visible,
            visible_aliases=visible,
            takes_value=_takes_value(file, by_key, given, positional=long is None and short is None),
            values=values,
            default=default,
            default_source=source,
            hidden=_flag(options, "hide"),
            is_global=_flag(options, "global"),
            required=_required(file, by_key, given),
            trailing=_trailing(options),
            env=_environment(file, by_key, identifier),
            place=_place(file, long.node if long else item.node),
            default_place=place,
            texts=self.texts(item),
        )

    def _argument_values(self, file: RustFile, options: dict[str, _Option], given: _Type) -> tuple[Value, ...] | None:
        parser = options.get("value_parser")
        if parser and (names := _string_list(file, parser.value)):
            return tuple(Value(name, (), hidden=False, variant=name, place=_place(file, node)) for name, node in names)
        if not given.segments or (len(given.segments) == 1 and given.segments[0][:1].islower()):
            return None
        return self.values(file.path, given.segments)

    def _default(
        self, file: RustFile, options: dict[str, _Option], given: _Type, values: tuple[Value, ...] | None
    ) -> tuple[str | None, str | None, Place | None]:
        for key in ("default_value", "default_value_t", "default_values", "default_values_t"):
            option = options.get(key)
            if option is None:
                continue
            place = _place(file, option.node)
            source = _source(file, option.value)
            return (self._default_text(file, option, given, values), source or "Default::default()", place)
        return (None, None, None)

    def _default_text(
        self, file: RustFile, option: _Option, given: _Type, values: tuple[Value, ...] | None
    ) -> str | None:
        nodes = option.value
        if not nodes:
            return self.default_variant(file.path, given.segments) if values else _type_default(given)
        literal = _nodes_string(file, nodes)
        if literal is not None:
            return literal
        source = _source(file, nodes)
        if re.fullmatch(r"-?[\d_.]+(?:[eE][-+]?\d+)?(?:_?[iuf](?:8|16|32|64|128|size))?|true|false", source):
            return _literal(source)
        segments = tuple(source.split("::"))
        if not all(re.fullmatch(r"\w+", segment) for segment in segments):
            return None
        chosen = next((known.name for known in values or () if known.variant == segments[-1]), None)
        if chosen is not None:
            return chosen
        found = self.constant(file.path, segments)
        return found[0] if found else None

    # texts

    def texts(self, member: _Member) -> tuple[Text, ...]:
        """Give the docs and the help attributes of a member."""
        found = []
        if member.docs:
            found.append(_doc_text(member.file, member.docs))
        for option in _options(member):
            if option.key in _TEXT_KEYS and option.value:
                text = self._attribute_text(member.file, option)
                if text:
                    found.append(text)
        return tuple(found)

    def _attribute_text(self, file: RustFile, option: _Option) -> Text | None:
        included = re.match(r'include_str!\s*\(\s*"([^"]+)"', _source(file, option.value))
        if included:
            path = _join(file.path, included.group(1))
            if not self.target.exists(path):
                return None
            text = self.target.text(path)
            starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
            return Text(option.key, text, path, tuple((start, row + 1, 1) for row, start in enumerate(starts)))
        literals = [node for value in option.value for node in rust.walk(value, "string_literal", "raw_string_literal")]
        if not literals:
            return None
        value = ""
        marks: list[tuple[int, int, int]] = []
        for node in literals:
            literal = rust.string(file, node)
            marks.extend(_marks(file, literal.offsets, len(value)))
            value += literal.value
        return Text(option.key, value, file.path, tuple(marks))


_TEXT_KEYS = {
    "about", "long_about", "help", "long_help", "before_help", "after_help", "before_long_help", "after_long_help",
    "value_name", "next_help_heading", "help_heading", "override_help", "help_template",
}  # fmt: skip
_ANCHOR = b"clap"
"""Every file with a clap derive says so in a path or a `use`; one that does not is searched for its types' names."""
_DEFINITION = re.compile(rb"\b(?:enum|struct)\s+(\w+)")
_CONSTANT = r'\b(?:const|static)\s+NAME\s*:[^=;]+=\s*(?P<value>"(?:[^"\\]|\\.)*"|-?[\d][\w.]*|true|false)\s*;'
_TYPE_NODES = {"type_identifier", "scoped_type_identifier", "generic_type", "primitive_type", "tuple_type", "unit_type"}


def _reader(target: Target) -> _Reader:
    return _Reader(target)


def _programs(target: Target) -> tuple[Command, ...]:
    reader = target.view(_reader)
    found = []
    for path in target.containing((b"Parser",), reader.files):
        for name, members in reader.members(path).items():
            for member in members:
                if "Parser" not in _derives(member):
                    continue
                spelled = _string_option(member.file, _options(member), "name")
                if spelled is None and re.search(rf"\b{name}::(?:try_)?parse", member.file.text):
                    spelled = _package_name(target, path) or rename(name, "kebab-case")
                if spelled is not None and placed.is_live(target, path):
                    found.append(reader.root(spelled, member))
    return tuple(found)


def _package_name(target: Target, path: str) -> str | None:
    """Give the name of the package, which is the name clap gives a program without one."""
    folder = _package_folder(target, path)
    return next((name for name, known in target.view(_package_names).items() if known == folder), None)


def _package_names(target: Target) -> dict[str, str]:
    """Give the folder of every package by its name, from each manifest's `[package]` table."""
    found = {}
    for manifest in target.glob("Cargo.toml"):
        match = re.search(rb'^\[package\][^\[]*?^name\s*=\s*"([^"]+)"', target.data(manifest), re.MULTILINE | re.DOTALL)
        if match:
            found[match.group(1).decode()] = manifest.rpartition("/")[0]
    return found


def _package_folders(target: Target) -> dict[str, str]:
    return {name.replace("-", "_"): folder for name, folder in target.view(_package_names).items()}


def _package_folder(target: Target, path: str) -> str:
    folder = path.rpartition("/")[0]
    while folder and not target.exists(f"{folder}/Cargo.toml"):
        folder = folder.rpartition("/")[0]
    return folder


def _merge(commands: list[Command]) -> tuple[Command, ...]:
    """Keep one command per name: a real one before a stub that takes anything."""
    found: dict[str, Command] = {}
    for known in commands:
        other = found.get(known.name)
        if other is None or (other.pass_through and not known.pass_through):
            found[known.name] = known
    return tuple(found.values())


def _distance(candidate: str, path: str, segments: tuple[str, ...]) -> tuple[int, int, str]:
    """Order candidate files: the same file, then those the path's modules lead to, then the nearest."""
    modules = [part for part in segments[:-1] if part not in {"crate", "super", "self"}]
    parts = candidate.removesuffix(".rs").replace("-", "_").split("/")
    matched = sum(part in parts for part in modules)
    shared = 0
    for left, right in zip(candidate.split("/"), path.split("/"), strict=False):
        if left != right:
            break
        shared += 1
    return (0 if candidate == path else 1, -100 * matched - shared, candidate)


# syntax


def _children(file: RustFile, node: Node) -> Iterator[_Member]:
    """Give the members of a body, each with the attributes and docs before it."""
    body = node
    if node.type in {"enum_item", "struct_item"}:
        found = node.child_by_field_name("body")
        if found is None:
            return
        body = found
    attributes: list[Node] = []
    docs: list[Node] = []
    for child in body.named_children:
        if child.type == "attribute_item":
            attributes.append(child)
            if _attribute_path(file, child) == "doc":
                docs.append(child)
        elif child.type in {"line_comment", "block_comment"}:
            if any(part.type == "outer_doc_comment_marker" for part in child.named_children):
                docs.append(child)
        elif child.type != "visibility_modifier":
            yield _Member(file, child, tuple(attributes), tuple(docs))
            attributes, docs = [], []


def _attribute_path(file: RustFile, node: Node) -> str:
    return _text(file, node.named_children[0].named_children[0])


def _derives(member: _Member) -> set[str]:
    """Give the clap derives of a type, by their last path segment."""
    found = set()
    for node in member.attributes:
        text = _text(member.file, node)
        if "derive" in text:
            found |= set(re.findall(r"\w+", text)) & _DERIVES
    return found


def _options(member: _Member) -> list[_Option]:
    """Give what the clap attributes of a member say, in order; those under `cfg_attr` too."""
    found: list[_Option] = []
    for node in member.attributes:
        attribute = node.named_children[0]
        arguments = attribute.child_by_field_name("arguments")
        if arguments is None:
            continue
        path = _text(member.file, attribute.named_children[0]).rpartition("::")[2]
        if path in _ATTRIBUTES:
            found.extend(_parse_options(member.file, arguments))
        elif path == "cfg_attr":
            for option in _parse_options(member.file, arguments)[1:]:
                if option.key in _ATTRIBUTES:
                    tree = option.node.next_sibling
                    if tree is not None and tree.type == "token_tree":
                        found.extend(_parse_options(member.file, tree))
    return found


def _parse_options(file: RustFile, tree: Node) -> list[_Option]:
    found = []
    for group in _split(tree.children[1:-1]):
        key = _text(file, group[0])
        rest = group[1:]
        if rest and rest[0].type == "=":
            rest = rest[1:]
        elif len(rest) == 1 and rest[0].type == "token_tree":
            rest = rest[0].children[1:-1]
        found.append(_Option(key.removeprefix("r#"), group[0], tuple(rest)))
    return found


def _split(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    group: list[Node] = []
    for node in nodes:
        if node.type in {"line_comment", "block_comment"}:
            continue
        if node.type == ",":
            if group:
                yield group
            group = []
        else:
            group.append(node)
    if group:
        yield group


def _condition(member: _Member) -> cfg.Predicate:
    found = []
    for node in member.attributes:
        text = _text(member.file, node)
        if "cfg" not in text:
            continue
        match = re.fullmatch(r"#\s*\[\s*cfg\s*\((.*)\)\s*\]", text, re.DOTALL)
        if match:
            try:
                found.append(cfg.parse(match.group(1)))
            except ValueError:
                continue
    return cfg.conjoin(found) if found else cfg.TRUE


def _flag(options: list[_Option], key: str) -> bool:
    """Tell whether an option is set: `key`, `key = true` or `key(true)`."""
    return any(option.key == key and [node.text for node in option.value] != [b"false"] for option in options)


def _trailing(options: list[_Option]) -> bool:
    return _flag(options, "trailing_var_arg") or _flag(options, "last") or _flag(options, "raw")


def _string_option(file: RustFile, options: list[_Option], key: str) -> str | None:
    return next((_nodes_string(file, option.value) for option in options if option.key == key and option.value), None)


def _aliases(file: RustFile, options: list[_Option]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    hidden: list[str] = []
    visible: list[str] = []
    for option in options:
        if option.key in {"alias", "aliases"}:
            hidden.extend(name for name, _ in _string_list(file, option.value))
        elif option.key in {"visible_alias", "visible_aliases"}:
            visible.extend(name for name, _ in _string_list(file, option.value))
    return (tuple(hidden), tuple(visible))


def _string_list(file: RustFile, nodes: Iterable[Node]) -> list[tuple[str, Node]]:
    found = []
    for node in nodes:
        for literal in rust.walk(node, "string_literal", "raw_string_literal"):
            found.append((rust.string(file, literal).value, literal))  # noqa: PERF401 - two loops read better
    return found


def _nodes_string(file: RustFile, nodes: Sequence[Node]) -> str | None:
    """Give the string or character that an option's value is: a literal, or one made a `String`."""
    if not nodes:
        return None
    first = nodes[0]
    if first.type == "char_literal" and len(nodes) == 1:
        return _text(file, first)[1:-1]
    made = re.fullmatch(r"(?:\w+::)*String::from|concat!", _source(file, nodes[:-1])) if len(nodes) > 1 else None
    if made or (first.type in {"string_literal", "raw_string_literal"} and _only_conversions(file, nodes[1:])):
        return "".join(name for name, _ in _string_list(file, nodes))
    return None


def _only_conversions(file: RustFile, nodes: Sequence[Node]) -> bool:
    return re.fullmatch(r"(?:\.(?:to_string|to_owned|into)\(\))*", _source(file, nodes)) is not None


def _takes_value(file: RustFile, options: dict[str, _Option], given: _Type, *, positional: bool) -> bool:
    action = options.get("action")
    if action:
        return _source(file, action.value).rpartition("::")[2] not in _NO_VALUE
    if positional or "num_args" in options or "value_parser" in options:
        return True
    return given.wrappers != () or given.segments not in {("bool",), ()}


def _environment(file: RustFile, options: dict[str, _Option], identifier: str) -> str | None:
    option = options.get("env")
    return (_nodes_string(file, option.value) or rename(identifier, "SCREAMING_SNAKE_CASE")) if option else None


def _required(file: RustFile, options: dict[str, _Option], given: _Type) -> bool:
    explicit = options.get("required")
    if explicit:
        return _source(file, explicit.value) != "false"
    defaulted = any(key.startswith("default_value") for key in options)
    return not given.wrappers and given.segments != ("bool",) and not defaulted


def _type(file: RustFile, node: Node) -> _Type:
    wrappers: list[str] = []
    while node.type == "generic_type":
        base = node.child_by_field_name("type")
        inner = node.child_by_field_name("type_arguments")
        name = _text(file, base).rpartition("::")[2] if base is not None else ""
        if base is None or inner is None or name not in _WRAPPERS or not inner.named_children:
            node = base if base is not None else node
            break
        if name != "Box":
            wrappers.append(name)
        node = inner.named_children[0]
    if node.type not in _TYPE_NODES:
        return _Type(tuple(wrappers), ())
    text = re.sub(r"\s", "", _text(file, node))
    return _Type(tuple(wrappers), () if text == "()" else tuple(part for part in text.split("::") if part))


def _type_default(given: _Type) -> str | None:
    name = given.segments[-1] if given.segments else ""
    if name == "bool":
        return "false"
    if re.fullmatch(r"[iu](?:8|16|32|64|128|size)|f32|f64", name):
        return "0"
    return "" if name in {"String", "PathBuf"} else None


def _casing(member: _Member) -> str:
    return _string_option(member.file, _options(member), "rename_all") or "kebab-case"


def _name_node(node: Node) -> Node:
    return node.child_by_field_name("name") or node


def _text(file: RustFile, node: Node) -> str:
    return file.source[node.start_byte : node.end_byte].decode(errors="replace")


def _source(file: RustFile, nodes: Sequence[Node]) -> str:
    """Give the source of a run of tokens without white space."""
    source = file.source[nodes[0].start_byte : nodes[-1].end_byte] if nodes else b""
    return re.sub(r"\s+", "", source.decode(errors="replace"))


def _place(file: RustFile, node: Node) -> Place:
    return Place(file.path, *file.position(node))


def _literal(source: str) -> str:
    """Give the value of a literal as clap would print it."""
    if source.startswith('"'):
        return source[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    text = re.sub(r"_?(?:[iu](?:8|16|32|64|128|size)|f32|f64)$", "", source.replace("_", ""))
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d*", text) else text


def _doc_text(file: RustFile, docs: Sequence[Node]) -> Text:
    """Join doc comments as rustdoc does: one line each, one leading space dropped."""
    value = ""
    marks: list[tuple[int, int, int]] = []
    for node in docs:
        if node.type == "attribute_item":
            literals = _string_list(file, [node])
            lines = [(literals[0][0], *file.position(literals[0][1]))] if literals else []
        else:
            lines = list(_comment_lines(file, node))
        for text, line, column in lines:
            kept = text.removeprefix(" ")
            marks.append((len(value), line, column + len(text) - len(kept)))
            value += kept + "\n"
    return Text("doc", value.rstrip("\n"), file.path, tuple(marks))


def _comment_lines(file: RustFile, node: Node) -> Iterator[tuple[str, int, int]]:
    line, column = file.position(node)
    text = _text(file, node).rstrip("\n")
    if node.type == "line_comment":
        yield (text[3:], line, column + 3)
        return
    for row, content in enumerate(text.removesuffix("*/").split("\n")):
        opening = re.match(r"/\*\*" if row == 0 else r"\s*\*?", content)
        skipped = opening.end() if opening else 0
        yield (content[skipped:], line + row, (column if row == 0 else 1) + skipped)


def _marks(file: RustFile, offsets: Sequence[int], base: int) -> Iterator[tuple[int, int, int]]:
    """Mark every character of a literal that does not follow the one before it on the same line."""
    expected = -1
    for at, offset in enumerate(offsets):
        if offset != expected:
            yield (base + at, *file.position(offset))
        width = 1
        while offset + width < len(file.source) and file.source[offset + width] & 0xC0 == 0x80:
            width += 1
        expected = -1 if file.source[offset : offset + 1] == b"\n" else offset + width


def _join(path: str, relative: str) -> str:
    parts = path.split("/")[:-1]
    for part in relative.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def words(name: str) -> list[str]:
    """Split an identifier into words as the heck crate does, which clap uses."""
    found = []
    for part in re.split(r"[^0-9A-Za-z]+", name):
        found.extend(re.findall(r"[A-Z][A-Z0-9]*(?![a-z0-9])|[A-Z][a-z0-9]*|[a-z0-9]+", part))
    return found


def rename(name: str, casing: str) -> str:
    """Spell an identifier in one of the casings of clap's `rename_all`."""
    parts = [part.lower() for part in words(name)]
    kind = re.sub(r"[^a-z]", "", casing.lower().removesuffix("case"))
    if kind == "verbatim":
        return name
    if kind in {"camel", "pascal"}:
        text = "".join(part[:1].upper() + part[1:] for part in parts)
        return text if kind == "pascal" else text[:1].lower() + text[1:]
    separators = {"kebab": "-", "snake": "_", "screamingsnake": "_", "lower": "", "upper": ""}
    text = separators.get(kind, "-").join(parts)
    return text.upper() if kind in {"screamingsnake", "upper"} else text
