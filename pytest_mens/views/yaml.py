"""YAML documents as nodes with their places, built from parser events: no object is constructed, no alias expanded.

Events come from libyaml where PyYAML has it. Nothing is composed (that recurses in C and dies on deep input) or
constructed (that expands merge keys). Limits are those of docs/reliability.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

from pytest_mens.model import UnreadableError
from pytest_mens.target.tree import YAML_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target

DEPTH_LIMIT = 64
EVENT_LIMIT = 200_000


@dataclass(frozen=True)
class Scalar:
    """A scalar. `style` is `""`, `'`, `"`, `|` or `>`; `start` and `end` are character offsets of its source."""

    value: str
    line: int
    column: int
    style: str
    start: int
    end: int
    text: str = field(repr=False, compare=False)

    def offsets(self) -> list[int]:
        """Give, for every character of `value`, the character offset at which the document writes it."""
        return _block_offsets(self) if self.style in {"|", ">"} else _flow_offsets(self)

    def place(self, index: int) -> tuple[int, int]:
        """Give the 1-based (line, column) of `value[index]`, or of the end when `index` is past it."""
        offsets = self.offsets()
        offset = offsets[index] if index < len(offsets) else self.end
        before = self.text.rfind("\n", 0, offset)
        return (self.text.count("\n", 0, offset) + 1, offset - before)


@dataclass(frozen=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True)
class Mapping:
    """Pairs in order of writing. `get` looks up a key given as text, through `<<` merges too."""

    items: tuple[tuple[Node, Node], ...]
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        """Give the value at `key`, aliases followed, or None."""
        for name, value in self.items:
            if isinstance(name, Scalar) and name.value == key:
                return follow(value)
        for name, value in self.items:
            if isinstance(name, Scalar) and name.value == "<<" and not name.style:
                found = _merged(value, key)
                if found is not None:
                    return found
        return None

    def key(self, key: str) -> Scalar | None:
        """Give the key's own node, or None."""
        for name, _ in self.items:
            if isinstance(name, Scalar) and name.value == key:
                return name
        return None

    def pairs(self) -> Iterator[tuple[Scalar, Node]]:
        """Give the pairs whose key is a scalar, merge keys left out, aliases followed."""
        for name, value in self.items:
            if isinstance(name, Scalar) and (name.value != "<<" or name.style):
                yield name, follow(value)


@dataclass(frozen=True)
class Alias:
    """`*name`, not expanded; `target` is the anchored node."""

    name: str
    target: Node
    line: int
    column: int


Node = Union[Scalar, Sequence, Mapping, Alias]  # noqa: UP007 - the classes name each other


def follow(node: Node) -> Node:
    """Give the node that an alias stands for, or the node itself."""
    while isinstance(node, Alias):
        node = node.target
    return node


def scalar(node: Node | None) -> str | None:
    """Give a scalar's value, or None for anything else."""
    return node.value if isinstance(node, Scalar) else None


def mapping(node: Node | None) -> Mapping:
    """Give the mapping, or an empty one for anything else."""
    return node if isinstance(node, Mapping) else Mapping((), 0, 0)


def elements(node: Node | None) -> tuple[Node, ...]:
    """Give the elements of a sequence, aliases followed; nothing for anything else."""
    return tuple(follow(item) for item in node.items) if isinstance(node, Sequence) else ()


def file(target: Target, path: str) -> Node:
    """Give the root node of the first document at `path`; raise UnreadableError when it is not sound YAML."""
    return target.file_view(_file, path)


def _file(target: Target, path: str) -> Node:
    return parse(path, target.text(path, YAML_LIMIT))


def parse(path: str, text: str) -> Node:
    """Parse the first document of `text`; an empty one is an empty mapping."""
    import yaml

    loader: Any = yaml.CLoader if yaml.__with_libyaml__ else yaml.Loader
    try:
        return _Builder(path, text).build(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        at = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadableError(path, f"not valid YAML: {error.problem or error.context}{at}") from None
    except yaml.YAMLError as error:
        raise UnreadableError(path, f"not valid YAML: {str(error)[:200]}".replace("\n", " ")) from None


@dataclass
class _Open:
    """A collection that is being read."""

    event: Any
    nodes: list[Node]


class _Builder:
    """Turns events into nodes with a stack of its own, within the limits."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.anchors: dict[str, Node] = {}

    def build(self, events: Iterator[Any]) -> Node:
        import yaml

        stack = [_Open(None, [])]
        for count, event in enumerate(events):
            if count > EVENT_LIMIT:
                raise UnreadableError(self.path, f"not valid YAML: more than {EVENT_LIMIT} events")
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                if len(stack) > DEPTH_LIMIT:
                    raise UnreadableError(self.path, "not valid YAML: nested too deeply")
                stack.append(_Open(event, []))
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                done = stack.pop()
                self._add(stack[-1], self._collection(done), done.event.anchor)
            elif isinstance(event, yaml.ScalarEvent):
                self._add(stack[-1], self._scalar(event), event.anchor)
            elif isinstance(event, yaml.AliasEvent):
                stack[-1].nodes.append(self._alias(event))
            elif isinstance(event, yaml.DocumentEndEvent):
                break
        return stack[0].nodes[0] if stack[0].nodes else Mapping((), 1, 1)

    def _add(self, parent: _Open, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        parent.nodes.append(node)

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark, event.end_mark
        style = event.style or ""
        return Scalar(event.value, start.line + 1, start.column + 1, style, start.index, end.index, self.text)

    def _alias(self, event: Any) -> Alias:
        line = event.start_mark.line + 1
        if event.anchor not in self.anchors:
            raise UnreadableError(self.path, f"not valid YAML: unknown anchor {event.anchor!r} at line {line}")
        return Alias(event.anchor, self.anchors[event.anchor], line, event.start_mark.column + 1)

    def _collection(self, done: _Open) -> Node:
        import yaml

        line, column = done.event.start_mark.line + 1, done.event.start_mark.column + 1
        if isinstance(done.event, yaml.SequenceStartEvent):
            return Sequence(tuple(done.nodes), line, column)
        pairs = tuple(zip(done.nodes[::2], done.nodes[1::2], strict=True))
        seen: set[str] = set()
        for name, _ in pairs:
            if isinstance(name, Scalar) and name.value != "<<":
                if name.value in seen:
                    what = f"not valid YAML: key {name.value!r} is repeated at line {name.line}"
                    raise UnreadableError(self.path, what)
                seen.add(name.value)
        return Mapping(pairs, line, column)


def _merged(value: Node, key: str, depth: int = 0) -> Node | None:
    """Look `key` up in what `<<` names: a mapping or a list of them; chains of merges are cut at the depth limit."""
    node = follow(value)
    if depth > DEPTH_LIMIT:
        return None
    candidates = [follow(item) for item in node.items] if isinstance(node, Sequence) else [node]
    for candidate in candidates:
        for name, inner in mapping(candidate).items:
            if isinstance(name, Scalar) and name.value == key:
                return follow(inner)
    for candidate in candidates:
        for name, inner in mapping(candidate).items:
            if isinstance(name, Scalar) and name.value == "<<":
                found = _merged(inner, key, depth + 1)
                if found is not None:
                    return found
    return None


def _block_offsets(node: Scalar) -> list[int]:
    """Align a block scalar: the text of each content line occurs in the value as it stands, indentation aside."""
    offsets: list[int] = []
    value = node.value
    position = node.text.find("\n", node.start) + 1
    done = 0
    while 0 < position < node.end and done < len(value):
        line_end = node.text.find("\n", position)
        line_end = len(node.text) if line_end < 0 else line_end
        content = node.text[position:line_end].strip(" \t")
        if content:
            at = value.find(content, done)
            if at < 0:
                break
            first = position + node.text[position:line_end].find(content)
            # What lies between are line breaks, folds and kept indentation: they belong to the line's start.
            offsets.extend([first] * (at - done))
            offsets.extend(range(first, first + len(content)))
            done = at + len(content)
        position = line_end + 1
    offsets.extend([max(node.start, node.end - 1)] * (len(value) - len(offsets)))
    return offsets


_ESCAPES = {"x": 2, "u": 4, "U": 8}


def _flow_offsets(node: Scalar) -> list[int]:
    """Align a plain or quoted scalar: escapes, doubled quotes and folded lines are the only differences."""
    offsets: list[int] = []
    raw, at = node.text, node.start + (1 if node.style else 0)
    while len(offsets) < len(node.value) and at < node.end:
        character = raw[at]
        if node.style == '"' and character == "\\":
            if raw[at + 1] == "\n":
                at += 2
                while raw[at] in " \t":
                    at += 1
                continue
            offsets.append(at)
            at += 2 + _ESCAPES.get(raw[at + 1], 0)
        elif node.style == "'" and raw.startswith("''", at):
            offsets.append(at)
            at += 2
        elif character in " \t\n":
            run = at
            while raw[run] in " \t\n":
                run += 1
            breaks = raw.count("\n", at, run)
            width = run - at if not breaks else max(1, breaks - 1)
            offsets.extend([at + index for index in range(run - at)] if not breaks else [at] * width)
            at = run
        else:
            offsets.append(at)
            at += 1
    offsets = offsets[: len(node.value)]
    offsets.extend([max(node.start, node.end - 1)] * (len(node.value) - len(offsets)))
    return offsets
