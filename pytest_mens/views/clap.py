"""The command tree of a Rust program, from its clap derive attributes alone: nothing is compiled or run.

Source: clap 4's derive reference (`clap::_derive`). A command is built when it is first asked for, so a question
about one subcommand parses the files of that subcommand only. The builder interface is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.views import cfg, liveness, placed, rust, rust_text
from pytest_mens.views import clap_syntax as syntax
from pytest_mens.views.clap_syntax import Member, Option, Place, Text, TypePath, rename

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.rust import RustFile

__all__ = [
    "Argument", "Command", "Found", "Place", "Text", "Value", "command", "compared_values", "constant", "follow",
    "listed_values", "literal_constant", "program", "programs", "rename", "resolve",
]  # fmt: skip

_DEPTH = 12
"""How deep subcommands and flattened types are followed; clap trees that nest deeper are recursive by mistake."""


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


class Command:
    """A command of the tree: its names, arguments and subcommands, the last two read when first asked for.

    `aliases` are the other names, hidden ones included; `visible_aliases` those that help shows. `conditions` are the
    cfgs under which its definitions exist. `attribute_place` is where its first clap option stands. A `pass_through`
    command takes whatever follows as it is.
    """

    def __init__(self, name: str, member: Member, reader: _Reader, parts: tuple[_Part, ...]) -> None:
        self.name = name
        self._member = member
        self._reader = reader
        self._parts = parts
        options = syntax.options_of(member)
        hidden_aliases, visible = syntax.aliases_of(member.file, options)
        self.aliases = hidden_aliases + visible
        self.visible_aliases = visible
        self.hidden = syntax.is_set(options, "hide")
        self.place = syntax.place_of(member.file, syntax.name_node(member.node))
        self.attribute_place = syntax.place_of(member.file, options[0].node) if options else self.place
        self.condition = syntax.condition_of(member)

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
        fields = list(syntax.children_of(self._parts[0].member.file, self._parts[0].node))
        return len(fields) == 1 and syntax.is_trailing(syntax.options_of(fields[0]))

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

    A program's command that hands everything on is followed into the tree that defines it: a command of that name
    elsewhere, or the program `PROGRAM-NAME`. Deeper down a stub of that kind is what it is.
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
        if below.pass_through and at == 1:
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
            return (syntax.literal_value(match.group("value")), Place(path, *source.place(match.start("value"))))
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
    member: Member
    node: Node
    casing: str
    depth: int


class _Reader:
    """Reads the clap types of one target, each once."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._members: dict[str, dict[str, list[Member]]] = {}
        self._values: dict[tuple[str, int], tuple[Value, ...] | None] = {}
        self._constants: dict[tuple[str, tuple[str, ...]], tuple[str, Place] | None] = {}
        self._commands: dict[str, Command | None] = {}

    # types

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Give the Rust files that can define a clap type."""
        return tuple(self.target.containing((_ANCHOR,), liveness.rust_files(self.target)))

    @cached_property
    def index(self) -> dict[str, tuple[str, ...]]:
        """Give the files that may define each type, by name: a guess from the text, settled by `members`."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            data = self.target.data(path)
            for name in {*_ENUM.findall(data), *_STRUCT.findall(data)}:
                found.setdefault(name.decode(), []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    def members(self, path: str) -> dict[str, list[Member]]:
        """Give the enums and structs of a file by name, those that no build can hold left out."""
        if path not in self._members:
            found: dict[str, list[Member]] = {}
            for member in self._type_items(rust.file(self.target, path)):
                if self.possible(member):
                    found.setdefault(syntax.text_of(member.file, syntax.name_node(member.node)), []).append(member)
            self._members[path] = found
        return self._members[path]

    def _type_items(self, file: RustFile) -> Iterator[Member]:
        """Give the enums and structs of a file, also those in inline modules, impls and functions left out."""
        waiting = [file.root]
        while waiting:
            container = waiting.pop()
            for member in syntax.children_of(file, container):
                if member.node.type in {"enum_item", "struct_item"}:
                    yield member
                elif member.node.type == "mod_item" and self.possible(member):
                    body = member.node.child_by_field_name("body")
                    if body is not None:
                        waiting.append(body)

    def possible(self, member: Member) -> bool:
        """Tell whether some build outside the tests can hold a member: its cfgs allow it, its features exist."""
        condition = syntax.condition_of(member)
        if condition == cfg.TRUE:
            return True
        declared = placed.features(self.target, member.file.path)
        features = [atom for atom in cfg.atoms(condition) if atom.name == "feature"] if declared is not None else []
        unknown = [cfg.Not(atom) for atom in features if atom.value not in (declared or ())]
        return cfg.satisfiable(cfg.conjoin([condition, cfg.Not(cfg.Atom("test")), *unknown]))

    def type(self, path: str, segments: tuple[str, ...], *, mounted: bool = False) -> Member | None:
        """Give the definition that the type path `segments` written in the file `path` most probably means.

        A `mounted` type is one that flattening or nesting needs: it exists for sure.
        """
        if not segments:
            return None
        name = segments[-1]
        candidates = self.index.get(name, ())
        if mounted and not candidates:
            needles = (f"enum {name}".encode(), f"struct {name}".encode())
            candidates = tuple(self.target.containing(needles, liveness.rust_files(self.target)))
        if len(candidates) > 1:
            wanted = self._imported(path, segments)
            candidates = tuple(sorted(candidates, key=lambda other: _distance(other, path, wanted)))
        for candidate in candidates:
            for member in self.members(candidate).get(name, ()):
                if syntax.derives_of(member) and placed.is_live(self.target, candidate):
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
        if member is None or "ValueEnum" not in syntax.derives_of(member):
            return None
        key = (member.file.path, member.node.start_byte)
        if key not in self._values:
            self._values[key] = tuple(self._variants(member))
        return self._values[key]

    def _variants(self, member: Member) -> Iterator[Value]:
        options = syntax.options_of(member)
        casing = syntax.string_option(member.file, options, "rename_all") or "kebab-case"
        for variant in syntax.children_of(member.file, member.node):
            own = syntax.options_of(variant)
            if not self.possible(variant) or syntax.is_set(own, "skip"):
                continue
            name = syntax.text_of(variant.file, syntax.name_node(variant.node))
            hidden, visible = syntax.aliases_of(variant.file, own)
            spelled = syntax.string_option(variant.file, own, "name") or rename(name, casing)
            place = syntax.place_of(variant.file, variant.node)
            yield Value(spelled, hidden + visible, syntax.is_set(own, "hide"), name, place, self.texts(variant))

    def default_variant(self, path: str, segments: tuple[str, ...]) -> str | None:
        """Give the value of the variant marked `#[default]`."""
        member = self.type(path, segments)
        for variant in syntax.children_of(member.file, member.node) if member else ():
            if any(syntax.attribute_path(variant.file, node) == "default" for node in variant.attributes):
                name = syntax.text_of(variant.file, syntax.name_node(variant.node))
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
                (syntax.literal_value(match.group("value")), Place(candidate, *source.place(match.start("value"))))
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
        option = re.compile(rb"\bname\b[^,]*?" + re.escape(needle))
        quoting = self.target.containing((needle,), self.files)
        named = [path for path in quoting if self._holds(path, option) and self._holds(path, _DERIVES_COMMANDS)]
        for path in named:
            for members in self.members(path).values():
                for member in members:
                    derives = syntax.derives_of(member)
                    explicit = syntax.string_option(member.file, syntax.options_of(member), "name")
                    fitting = bool(derives & {"Subcommand", "Parser"}) and member.node.type == "enum_item"
                    if explicit == name and fitting and placed.is_live(self.target, path):
                        return self.root(name, member)
        variant = rename(name, "PascalCase").encode()
        word = re.compile(rb"\b" + re.escape(variant) + rb"\b")
        found = [path for path in self.target.containing((variant,), self.files) if self._holds(path, word)]
        holding = [path for path in found if self._holds(path, _DERIVES_COMMANDS)]
        for path in dict.fromkeys([*named, *holding]):
            for members in self.members(path).values():
                for member in members:
                    if member.node.type == "enum_item" and syntax.derives_of(member) & {"Subcommand", "Parser"}:
                        own = self._own_variant(member, name)
                        if own and not own.pass_through and placed.is_live(self.target, path):
                            return own
        return None

    def _holds(self, path: str, word: re.Pattern[bytes]) -> bool:
        return word.search(self.target.data(path)) is not None

    def _own_variant(self, member: Member, name: str) -> Command | None:
        """Give the subcommand of that name that an enum itself has; those flattened into it are an enum's own too."""
        part = self._part(member, 0)
        for variant in syntax.children_of(member.file, member.node):
            options = syntax.options_of(variant)
            if self._spelled(variant, options, part.casing) == name and self.possible(variant):
                kept = not any(syntax.is_set(options, key) for key in ("skip", "external_subcommand", "flatten"))
                if kept:
                    return self._variant(variant, options, part)
        return None

    def root(self, name: str, member: Member) -> Command:
        """Make the command that a Parser or Subcommand type stands for."""
        return Command(name, member, self, (self._part(member, 0),))

    def _part(self, member: Member, depth: int) -> _Part:
        kind = "enum" if member.node.type == "enum_item" else "struct"
        return _Part(kind, member, member.node, syntax.casing_of(member), depth)

    def read(self, part: _Part) -> tuple[list[Argument], list[Command], bool]:
        """Give the arguments and subcommands of a part, and whether any further subcommand is accepted."""
        if part.depth > _DEPTH:
            return ([], [], False)
        return self._enum(part) if part.kind == "enum" else self._struct(part)

    def _enum(self, part: _Part) -> tuple[list[Argument], list[Command], bool]:
        commands: list[Command] = []
        external = False
        for variant in syntax.children_of(part.member.file, part.node):
            options = syntax.options_of(variant)
            if not self.possible(variant) or syntax.is_set(options, "skip"):
                continue
            if syntax.is_set(options, "external_subcommand"):
                external = True
            elif syntax.is_set(options, "flatten"):
                for below in self._payload(variant, part.depth):
                    commands.extend(self.read(below)[1])
            else:
                commands.append(self._variant(variant, options, part))
        return ([], commands, external)

    def _variant(self, variant: Member, options: list[Option], part: _Part) -> Command:
        spelled = self._spelled(variant, options, part.casing)
        body = variant.node.child_by_field_name("body")
        if body is not None and body.type == "field_declaration_list":
            casing = syntax.string_option(variant.file, options, "rename_all") or part.casing
            parts: tuple[_Part, ...] = (_Part("struct", variant, body, casing, part.depth + 1),)
        else:
            parts = tuple(self._payload(variant, part.depth))
        return Command(spelled, variant, self, parts)

    def _spelled(self, variant: Member, options: list[Option], casing: str) -> str:
        name = syntax.text_of(variant.file, syntax.name_node(variant.node))
        return syntax.string_option(variant.file, options, "name") or rename(name, casing)

    def _payload(self, variant: Member, depth: int) -> Iterator[_Part]:
        """Give the type inside a tuple variant."""
        body = variant.node.child_by_field_name("body")
        for child in body.named_children if body is not None else ():
            if child.type in syntax.TYPE_NODES:
                member = self.type(variant.file.path, syntax.type_of(variant.file, child).segments, mounted=True)
                if member:
                    yield self._part(member, depth + 1)

    def _struct(self, part: _Part) -> tuple[list[Argument], list[Command], bool]:
        arguments: list[Argument] = []
        commands: list[Command] = []
        external = False
        for item in syntax.children_of(part.member.file, part.node):
            options = syntax.options_of(item)
            type_node = item.node if item.node.type in syntax.TYPE_NODES else item.node.child_by_field_name("type")
            if (
                type_node is None
                or not self.possible(item)
                or syntax.is_set(options, "skip")
                or syntax.is_set(options, "from_global")
            ):
                continue
            if syntax.is_set(options, "flatten") or syntax.is_set(options, "subcommand"):
                member = self.type(item.file.path, syntax.type_of(item.file, type_node).segments, mounted=True)
                if member:
                    found, below, accepts = self.read(self._part(member, part.depth + 1))
                    arguments.extend(found)
                    commands.extend(below)
                    external = external or accepts
            elif item.node.type == "field_declaration":
                arguments.append(self._argument(item, options, type_node, part.casing))
        return (arguments, commands, external)

    def _argument(self, item: Member, options: list[Option], type_node: Node, casing: str) -> Argument:
        file = item.file
        identifier = syntax.text_of(file, syntax.name_node(item.node)).removeprefix("r#")
        spelled = rename(identifier, casing)
        given = syntax.type_of(file, type_node)
        by_key = {option.key: option for option in options}
        long = by_key.get("long")
        short = by_key.get("short")
        long_name = (syntax.nodes_string(file, long.value) or spelled) if long else None
        short_name = (syntax.nodes_string(file, short.value) or spelled[:1]) if short else None
        hidden, visible = syntax.aliases_of(file, options)
        values = self._argument_values(file, by_key, given)
        default, source, place = self._default(file, by_key, given, values)
        return Argument(
            id=identifier,
            long=long_name,
            short=short_name,
            aliases=hidden + visible,
            visible_aliases=visible,
            takes_value=syntax.takes_value(file, by_key, given, positional=long is None and short is None),
            values=values,
            default=default,
            default_source=source,
            hidden=syntax.is_set(options, "hide"),
            is_global=syntax.is_set(options, "global"),
            required=syntax.is_required(file, by_key, given),
            trailing=syntax.is_trailing(options),
            env=syntax.environment_of(file, by_key, identifier),
            place=syntax.place_of(file, long.node if long else item.node),
            default_place=place,
            texts=self.texts(item),
        )

    def _argument_values(self, file: RustFile, options: dict[str, Option], given: TypePath) -> tuple[Value, ...] | None:
        parser = options.get("value_parser")
        if parser and (names := syntax.string_list(file, parser.value)):
            return tuple(
                Value(name, (), hidden=False, variant=name, place=syntax.place_of(file, node)) for name, node in names
            )
        if not given.segments or (len(given.segments) == 1 and given.segments[0][:1].islower()):
            return None
        return self.values(file.path, given.segments)

    def _default(
        self,
        file: RustFile,
        options: dict[str, Option],
        given: TypePath,
        values: tuple[Value, ...] | None,
    ) -> tuple[str | None, str | None, Place | None]:
        for key in ("default_value", "default_value_t", "default_values", "default_values_t"):
            option = options.get(key)
            if option is None:
                continue
            place = syntax.place_of(file, option.node)
            source = syntax.source_of(file, option.value)
            return (self._default_text(file, option, given, values), source or "Default::default()", place)
        return (None, None, None)

    def _default_text(
        self, file: RustFile, option: Option, given: TypePath, values: tuple[Value, ...] | None
    ) -> str | None:
        nodes = option.value
        if not nodes:
            return self.default_variant(file.path, given.segments) if values else syntax.type_default(given)
        literal = syntax.nodes_string(file, nodes)
        if literal is not None:
            return literal
        source = syntax.source_of(file, nodes)
        if re.fullmatch(r"-?[\d_.]+(?:[eE][-+]?\d+)?(?:_?[iuf](?:8|16|32|64|128|size))?|true|false", source):
            return syntax.literal_value(source)
        segments = tuple(source.split("::"))
        if not all(re.fullmatch(r"\w+", segment) for segment in segments):
            return None
        chosen = next((known.name for known in values or () if known.variant == segments[-1]), None)
        if chosen is not None:
            return chosen
        found = self.constant(file.path, segments)
        return found[0] if found else None

    # texts

    def texts(self, member: Member) -> tuple[Text, ...]:
        """Give the docs and the help attributes of a member."""
        found = []
        if member.docs:
            found.append(syntax.doc_text(member.file, member.docs))
        for option in syntax.options_of(member):
            if option.key in _TEXT_KEYS and option.value:
                text = self._attribute_text(member.file, option)
                if text:
                    found.append(text)
        return tuple(found)

    def _attribute_text(self, file: RustFile, option: Option) -> Text | None:
        included = re.match(r'include_str!\s*\(\s*"([^"]+)"', syntax.source_of(file, option.value))
        if included:
            path = syntax.join_path(file.path, included.group(1))
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
            marks.extend(syntax.marks_of(file, literal.offsets, len(value)))
            value += literal.value
        return Text(option.key, value, file.path, tuple(marks))


_TEXT_KEYS = {
    "about", "long_about", "help", "long_help", "before_help", "after_help", "before_long_help", "after_long_help",
    "value_name", "next_help_heading", "help_heading", "override_help", "help_template",
}  # fmt: skip
_ANCHOR = b"clap"
"""Every file with a clap derive says so in a path or a `use`; one that does not is searched for its types' names."""
_ENUM, _STRUCT = re.compile(rb"enum\s+(\w+)"), re.compile(rb"struct\s+(\w+)")
"""Two patterns that begin with plain letters are found faster than one that tries both everywhere."""
_CONSTANT = r'\b(?:const|static)\s+NAME\s*:[^=;]+=\s*(?P<value>"(?:[^"\\]|\\.)*"|-?[\d][\w.]*|true|false)\s*;'


_DERIVES_COMMANDS = re.compile(rb"derive\b[^\]]*\b(?:Subcommand|Parser)\b")
_DERIVES_PARSER = re.compile(rb"derive\b[^\]]*\bParser\b")
_NAMED_OR_PARSED = re.compile(rb"\bname\s*[=(]|::(?:try_)?parse")


def _reader(target: Target) -> _Reader:
    return _Reader(target)


def _programs(target: Target) -> tuple[Command, ...]:
    reader = target.view(_reader)
    found = []
    for path in target.containing((b"Parser",), reader.files):
        data = target.data(path)
        if not (_DERIVES_PARSER.search(data) and _NAMED_OR_PARSED.search(data)):
            continue
        for name, members in reader.members(path).items():
            for member in members:
                if "Parser" not in syntax.derives_of(member):
                    continue
                spelled = syntax.string_option(member.file, syntax.options_of(member), "name")
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
