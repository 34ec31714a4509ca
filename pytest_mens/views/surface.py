"""The surface of a command line as a set of facts, so that two trees can be compared whatever moved between files."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mens.model import SubjectMissingError
from pytest_mens.views import clap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.clap import Argument, Command, Place

Key = tuple[str, ...]
"""The kind of a fact, the words of the command, then what it says; equal in both trees when nothing changed."""


@dataclass(frozen=True)
class Fact:
    """One thing a user can rely on. `name` is what a document must mention to speak of it."""

    kind: str
    command: tuple[str, ...]
    name: str
    text: str
    place: Place


@dataclass(frozen=True)
class Layout:
    """Where a command line is.

    `roots` are the names its main command has had; the first whose tree has a subcommand `anchor` is it, else the
    first that exists. `programs` are further programs of the same surface. `heads` are the beginnings of command lines
    that are judged, `{root}` standing for the main command. `lists` names the constant that lists a flag's values; it
    is looked for in the files of `lists_in`, pattern by pattern. `foreign_flags` belong to other tools.
    """

    roots: tuple[str, ...]
    anchor: str
    programs: tuple[str, ...]
    heads: tuple[str, ...]
    foreign_flags: tuple[str, ...]
    lists: dict[str, str] = field(default_factory=dict)
    lists_in: tuple[str, ...] = ("*.rs",)


def surface_of(target: Target, layout: Layout) -> Surface:
    """Give the surface (memoised). Raise SubjectMissingError when there is no such command."""
    known = target.view(_surfaces)
    key = repr(layout)
    if key not in known:
        known[key] = Surface(target, layout)
    return known[key]


def _surfaces(_target: Target) -> dict[str, Surface]:
    return {}


class Surface:
    """The command trees, and every flag of them with the commands that have it."""

    def __init__(self, target: Target, layout: Layout) -> None:
        self.target = target
        self.layout = layout
        self._resolved: dict[tuple[str, ...], clap.Found | None] = {}
        self._lists: dict[str, tuple[tuple[str, Place], ...]] = {}
        trees = [tree for name in layout.roots if (tree := clap.command(target, name))]
        if not trees:
            names = " or ".join(f"`{name}`" for name in layout.roots)
            raise SubjectMissingError(f"no clap command named {names} in any Rust file")
        root = next((tree for tree in trees if tree.subcommand(layout.anchor)), trees[0])
        self.root = root
        self.heads = tuple(tuple(head.replace("{root}", root.name).split()) for head in layout.heads)

    @cached_property
    def trees(self) -> tuple[Command, ...]:
        """Give the roots of the surface that exist."""
        found = (clap.program(self.target, name) for name in self.layout.programs)
        return (self.root, *(known for known in found if known))

    @cached_property
    def facts(self) -> dict[Key, Fact]:
        """Give the visible facts of all trees and of the lists of values."""
        found: dict[Key, Fact] = {}
        for tree in self.trees:
            found.update(facts(tree, self.prefix(tree)))
        for flag, name in self.layout.lists.items():
            for value, place in self.listed(name):
                text = f"value `{value}` of `--{flag}`"
                found["value", f"--{flag}", value] = Fact("value", (self.root.name,), value, text, place)
        return found

    @cached_property
    def flags(self) -> dict[str, list[tuple[Command, Argument]]]:
        """Give the arguments of the surface by flag."""
        found: dict[str, list[tuple[Command, Argument]]] = {}
        for tree in self.trees:
            for _, command in tree.walk():
                for argument in command.arguments:
                    for flag in argument.flags:
                        found.setdefault(flag, []).append((command, argument))
        return found

    def arguments(self, flag: str) -> list[Argument]:
        """Give the arguments that a flag without its command means: those of the main tree, else of the others."""
        found = self.flags.get(flag, [])
        own = [argument for command, argument in found if id(command) in self._main]
        return own or [argument for _, argument in found]

    @cached_property
    def _main(self) -> frozenset[int]:
        return frozenset(id(command) for _, command in self.root.walk())

    @cached_property
    def families(self) -> tuple[Command, ...]:
        """Give the commands whose subcommands the judged beginnings lead to."""
        found = [self.resolve(head) for head in self.heads]
        whole = [known.command for known in found if known and not known.rest]
        return tuple({id(command): command for command in (*whole, *self.trees)}.values())

    @cached_property
    def names(self) -> dict[str, str]:
        """Give a full command line for the name of every command of the surface."""
        found: dict[str, str] = {}
        for tree in self.trees:
            for path, command in tree.walk():
                for name in command.names:
                    found.setdefault(name, " ".join((*self.prefix(tree), *path[:-1], name)))
        return found

    def prefix(self, tree: Command) -> tuple[str, ...]:
        """Give the words that stand before the name of a tree's root on a command line."""
        head = next((head for head in self.heads if head[-1] == self.root.name), ())
        return head[:-1] if tree is self.root else ()

    def head(self, words: Sequence[str]) -> tuple[str, ...] | None:
        """Give the longest judged beginning of a command line."""
        fitting = [head for head in self.heads if tuple(words[: len(head)]) == head]
        return max(fitting, key=len) if fitting else None

    def resolve(self, words: Sequence[str]) -> clap.Found | None:
        """Follow a command line; the tree's own root is known even when no program mounts it."""
        key = tuple(words)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(key)
        return self._resolved[key]

    def _resolve(self, words: tuple[str, ...]) -> clap.Found | None:
        found = clap.resolve(self.target, words)
        if len(words) > 1 and words[1] == self.root.name and (found is None or len(found.chain) < 2):
            below = clap.follow(self.target, self.root, words[1:])
            return clap.Found(below.chain, (words[0], *below.words), below.rest)
        return found

    def values(self, argument: Argument) -> tuple[tuple[str, ...], Place] | None:
        """Give the values an argument accepts and where they are listed, when they are known."""
        if argument.values is not None:
            names = tuple(name for value in argument.values for name in (value.name, *value.aliases))
            return (names, argument.values[0].place) if names else None
        listed = self.layout.lists.get(argument.long or "")
        if listed is None:
            return None
        found = self.listed(listed)
        if not found:
            return None
        special = clap.compared_values(self.target, found[0][1].path)
        return ((*(name for name, _ in found), *special), found[0][1])

    def listed(self, name: str) -> tuple[tuple[str, Place], ...]:
        """Give the values of the constant list `name` with their places."""
        if name not in self._lists:
            patterns = self.layout.lists_in
            found = (clap.listed_values(self.target, name, self.target.glob(pattern)) for pattern in patterns)
            self._lists[name] = next((values for values in found if values), ())
        return self._lists[name]


def facts(root: Command, prefix: tuple[str, ...] = ()) -> dict[Key, Fact]:
    """Give what is visible of a command tree: commands, aliases, flags, values and defaults, hidden ones left out."""
    return dict(_command(root, prefix))


def _command(command: Command, above: tuple[str, ...]) -> Iterator[tuple[Key, Fact]]:
    if command.hidden or len(above) > 12:
        return
    words = (*above, command.name)
    shown = " ".join(words)
    yield ("command", *words), Fact("command", words, command.name, f"`{shown}`", command.place)
    for alias in command.visible_aliases:
        text = f"alias `{alias}` of `{shown}`"
        yield ("alias", *words, alias), Fact("alias", words, alias, text, command.attribute_place)
    for alias in sorted({*command.aliases} - {*command.visible_aliases}):
        text = f"alias `{alias}` of `{shown}`"
        yield (_UNSHOWN, *words, alias), Fact("alias", words, alias, text, command.attribute_place)
    for argument in command.arguments:
        if not argument.hidden and not argument.positional:
            yield from _argument(argument, words)
    for below in command.subcommands:
        yield from _command(below, words)


def _argument(argument: Argument, words: tuple[str, ...]) -> Iterator[tuple[Key, Fact]]:
    shown = " ".join(words)
    flag = f"--{argument.long}" if argument.long else f"-{argument.short}"
    yield ("flag", *words, flag), Fact("flag", words, flag, f"`{shown} {flag}`", argument.place)
    if argument.long and argument.short:
        short = f"-{argument.short}"
        yield ("flag", *words, short), Fact("short flag", words, flag, f"`{shown} {short}`", argument.place)
    for alias in argument.visible_aliases:
        text = f"alias `--{alias}` of `{shown} {flag}`"
        yield ("flag", *words, f"--{alias}"), Fact("flag alias", words, f"--{alias}", text, argument.place)
    for alias in sorted({*argument.aliases} - {*argument.visible_aliases}):
        text = f"alias `--{alias}` of `{shown} {flag}`"
        yield (_UNSHOWN, *words, f"--{alias}"), Fact("flag alias", words, f"--{alias}", text, argument.place)
    if argument.takes_value:
        yield (
            ("value of", *words, flag),
            Fact("value of", words, flag, f"a value after `{shown} {flag}`", argument.place),
        )
    for value in argument.values or ():
        if not value.hidden:
            text = f"value `{value.name}` of `{shown} {flag}`"
            yield ("value", *words, flag, value.name), Fact("value", words, value.name, text, value.place)
    default = argument.default if argument.default is not None else argument.default_source
    if default is not None and (argument.takes_value or default != "false"):
        text = f"default `{default}` of `{shown} {flag}`"
        place = argument.default_place or argument.place
        yield ("default", *words, flag, default), Fact("default", words, flag, text, place)


_UNSHOWN = "unshown alias"
"""An alias that help does not show: users are told when it goes, not when it comes."""


def difference(old: dict[Key, Fact], new: dict[Key, Fact]) -> tuple[list[Fact], list[Fact]]:
    """Give the facts that went and those that came; of a whole command or flag only itself, not what belongs to it."""
    known = {key[1:] for key in new}
    gone = _topmost(key for key in old if key not in new and not (key[0] == _UNSHOWN and key[1:] in known))
    come = _topmost(key for key in new if key not in old and key[0] != _UNSHOWN)
    return [old[key] for key in gone], [new[key] for key in come]


def _topmost(keys: Iterable[Key]) -> list[Key]:
    """Leave out what belongs to a command or a flag that is itself among the keys."""
    found = list(keys)
    commands = {key[1:] for key in found if key[0] == "command"}
    flags = {key[1:] for key in found if key[0] == "flag"}
    return [key for key in found if not _covered(key, commands, flags)]


def _covered(key: Key, commands: set[Key], flags: set[Key]) -> bool:
    words = key[1:]
    shortest = len(words) - 1 if key[0] == "command" else len(words)
    if any(words[:length] in commands for length in range(1, shortest + 1)):
        return True
    belongs = key[0] in {"value of", "value", "default"}
    return belongs and any(words[:length] in flags for length in range(1, len(words) + 1))
