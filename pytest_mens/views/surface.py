"""The surface of a command line as a set of facts, so that two trees can be compared whatever moved between files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def difference(old: dict[Key, Fact], new: dict[Key, Fact]) -> tuple[list[Fact], list[Fact]]:
    """Give the facts that went and those that came; of a whole command or flag only itself, not what belongs to it."""
    gone = _topmost(key for key in old if key not in new)
    come = _topmost(key for key in new if key not in old)
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
