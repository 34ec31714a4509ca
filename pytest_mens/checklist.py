"""From `checks.toml` to entries. Every error is one line, `path:line: message`."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import importlib.util
import re
import stat
import types
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from pytest_mens.model import Checker, Entry, UnreadableError
from pytest_mens.views import toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mens.views.toml import Key, TomlFile

ALL_ENTRIES = "$entries"
"""A param with this value receives the (id, section, title) of every entry of the checklist."""

_ID = re.compile(r"[a-z0-9-]+")
_FIELDS = {"section": str, "title": str, "rule": str, "checker": str}
_OPTIONAL = {"missing", "params", "symbols"}
_CHECKS = "pytest_mens.checks"


class ChecklistError(Exception):
    """A checklist cannot be used; the message is one line that names the file and the line."""


def find(rootdir: Path, explicit: str | None, invocation_dir: Path) -> Path:
    """Give the checklist to use: the explicit one, the rootdir's `checks.toml` if it is ours, the shipped one."""
    if explicit is not None:
        return invocation_dir / explicit
    local = rootdir / "checks.toml"
    try:
        if local.is_file() and re.search(r"^\s*checker\s*=", local.read_text("utf-8"), re.MULTILINE):
            return local
    except (OSError, UnicodeDecodeError):
        pass  # not one of ours
    return shipped()


def shipped() -> Path:
    """Give the checklist that comes with the package: inside it when installed, beside it in a source checkout."""
    package = Path(__file__).parent
    inside = package / "checks.toml"
    return inside if inside.is_file() else package.parent / "checks.toml"


def load(path: Path, extra: Mapping[str, Checker] | None = None) -> tuple[Entry, ...]:
    """Read the checklist at `path`; `extra` holds checkers of other plugins. Raise ChecklistError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ChecklistError(f"{path}: the checklist is not a regular file")
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ChecklistError(f"{path}: there is no such checklist; name another with --mens-checks=PATH") from None
    except OSError as error:
        raise ChecklistError(f"{path}: the checklist cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ChecklistError(f"{path}: the checklist cannot be read: it is not valid UTF-8") from None
    try:
        document = toml.parse(str(path), text)
    except UnreadableError as error:
        raise ChecklistError(_toml_error(path, error.reason)) from None
    if not document.values:
        raise ChecklistError(f"{path}:1: the checklist is empty; write one table per entry, such as [my-check]")
    return _Loader(path, document, extra or {}).entries()


def checker(name: str, extra: Mapping[str, Checker]) -> Checker | None:
    """Give the checker called `name`: a module of the package, or one that another plugin brought."""
    if _ID.fullmatch(name):
        module = f"{_CHECKS}.{name.replace('-', '_')}"
        if importlib.util.find_spec(module) is not None:
            return cast("Checker", importlib.import_module(module))
    return extra.get(name)


def names(extra: Iterable[str] = ()) -> list[str]:
    """Give the names of all checkers there are."""
    folder = Path(__file__).parent / "checks"
    own = (file.stem.replace("_", "-") for file in folder.glob("*.py") if not file.stem.startswith("_"))
    return sorted({*own, *extra})


def _toml_error(path: Path, reason: str) -> str:
    at = re.search(r" \(at line (\d+), column \d+\)", reason)
    message = reason.removeprefix("not valid TOML: ")
    if at is None:
        return f"{path}:1: not valid TOML: {_one_line(message)}"
    return f"{path}:{at[1]}: not valid TOML: {_one_line(message.replace(at[0], ''))}"


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


@dataclasses.dataclass(frozen=True)
class _Loader:
    path: Path
    document: TomlFile
    extra: Mapping[str, Checker]

    def fail(self, key: Key, message: str) -> ChecklistError:
        return ChecklistError(f"{self.path}:{self.document.position(*key)[0]}: {message}")

    def entries(self) -> tuple[Entry, ...]:
        tables = self.document.values
        for id_, table in tables.items():
            self._check_table(id_, table)
        known = tuple((id_, table["section"], table["title"]) for id_, table in tables.items())
        return tuple(self._entry(id_, table, known) for id_, table in tables.items())

    def _check_table(self, id_: str, table: object) -> None:
        if not isinstance(table, dict):
            raise self.fail((id_,), f"{id_!r} stands outside a table; every entry is a table, such as [my-check]")
        if not _ID.fullmatch(id_):
            raise self.fail((id_,), f"the id {id_!r} may hold only a-z, 0-9 and '-'")
        for name, kind in _FIELDS.items():
            if name not in table:
                raise self.fail((id_,), f"[{id_}] lacks {name!r}")
            if not isinstance(table[name], kind) or not table[name].strip():
                raise self.fail((id_, name), f"[{id_}] {name} must be a non-empty string")
        for name in table:
            if name not in _FIELDS and name not in _OPTIONAL:
                raise self.fail(
                    (id_, name), f"[{id_}] unknown key {name!r}{_did_you_mean(name, {*_FIELDS, *_OPTIONAL})}"
                )
        if table.get("missing", "fail") not in {"fail", "skip"}:
            raise self.fail((id_, "missing"), f'[{id_}] missing must be "fail" or "skip", not {table["missing"]!r}')
        if not isinstance(table.get("params", {}), dict):
            raise self.fail((id_, "params"), f"[{id_}] params must be a table")

    def _entry(self, id_: str, table: dict[str, Any], known: tuple[tuple[str, str, str], ...]) -> Entry:
        name = table["checker"]
        found = checker(name, self.extra)
        if found is None:
            hint = _did_you_mean(name, names(self.extra))
            raise self.fail((id_, "checker"), f"[{id_}] there is no checker {name!r}{hint}")
        symbols = self._value(table.get("symbols", []), tuple[str, ...], (id_, "symbols"), known)
        return Entry(
            id=id_,
            section=table["section"],
            title=table["title"],
            rule=" ".join(table["rule"].split()),
            checker=name,
            missing=table.get("missing", "fail"),
            params=self._dataclass(table.get("params", {}), found.Params, (id_, "params"), known),
            check=found.check,
            symbols=symbols,
            line=self.document.position(id_)[0],
        )

    def _dataclass(
        self, table: dict[str, Any], schema: type[Any], key: Key, known: tuple[tuple[str, str, str], ...]
    ) -> Any:
        hints = typing.get_type_hints(schema)
        fields = {field.name: field for field in dataclasses.fields(schema)}
        where = ".".join(str(part) for part in key[1:])
        for name in table:
            if name not in fields:
                hint = _did_you_mean(name, fields) or f"; known: {', '.join(fields) or 'none'}"
                raise self.fail((*key, name), f"[{key[0]}] {where}: unknown key {name!r}{hint}")
        values = {}
        for name, field in fields.items():
            if name in table:
                values[name] = self._value(table[name], hints[name], (*key, name), known)
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise self.fail(key, f"[{key[0]}] {where}: missing key {name!r}")
        try:
            return schema(**values)
        except ValueError as error:  # a Params that checks itself in __post_init__
            raise self.fail(key, f"[{key[0]}] {where}: {_one_line(error)}") from None

    def _value(self, value: Any, hint: Any, key: Key, known: tuple[tuple[str, str, str], ...]) -> Any:  # noqa: PLR0911 - one branch a type
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if value == ALL_ENTRIES and origin is tuple:
            return known
        if dataclasses.is_dataclass(hint) and isinstance(value, dict):
            return self._dataclass(value, cast("type[Any]", hint), key, known)
        if origin is tuple and isinstance(value, list):
            hints = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
            if len(hints) == len(value):
                pairs = enumerate(zip(value, hints, strict=True))
                return tuple(self._value(item, inner, (*key, i), known) for i, (item, inner) in pairs)
        if origin is dict and isinstance(value, dict):
            return {name: self._value(item, arguments[1], (*key, name), known) for name, item in value.items()}
        if origin is Literal and value in arguments:
            return value
        if origin in {typing.Union, types.UnionType}:
            chosen = next((option for option in arguments if _fits(value, option)), None)
            if chosen is not None:
                return self._value(value, chosen, key, known)
        if origin is None and not dataclasses.is_dataclass(hint) and _fits(value, hint):
            return float(value) if hint is float else value
        where = ".".join(str(part) for part in key[1:])
        raise self.fail(key, f"[{key[0]}] {where} must be {_spell(hint)}, not {value!r:.80}")


def _fits(value: Any, hint: Any) -> bool:
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    origin = typing.get_origin(hint)
    if origin is not None:  # asked first: for Python 3.10 `tuple[str, ...]` is a type as well
        shape = {tuple: list, dict: dict}.get(origin)
        return isinstance(value, shape) if shape else value in typing.get_args(hint)
    return isinstance(value, dict if dataclasses.is_dataclass(hint) else hint)


def _spell(hint: Any) -> str:
    """Name a type as a writer of TOML knows it."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return f"an array, each element {_spell(arguments[0])}"
    if origin is dict or dataclasses.is_dataclass(hint):
        return "a table"
    if origin is Literal:
        return "one of " + ", ".join(f'"{value}"' for value in arguments)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_spell(option) for option in arguments)
    return {str: "a string", int: "an integer", float: "a number", bool: "true or false"}.get(hint, str(hint))
