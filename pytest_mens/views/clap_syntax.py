"""The syntax of clap's derive attributes: options of a type, variant or field, casings, texts with their places.

Source: clap 4's derive reference (`clap::_derive`); words are split as the heck crate does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pytest_mens.views import cfg, rust

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from pytest_mens.views.rust import RustFile

_DERIVES = {"Parser", "Args", "Subcommand", "ValueEnum", "StructOpt"}
_ATTRIBUTES = {"command", "arg", "clap", "value", "structopt"}
_WRAPPERS = {"Option", "Vec", "Box", "Arc", "Rc"}
_NO_VALUE = {"SetTrue", "SetFalse", "Count", "Help", "HelpShort", "HelpLong", "Version"}
TYPE_NODES = {"type_identifier", "scoped_type_identifier", "generic_type", "primitive_type", "tuple_type", "unit_type"}


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


class Member(NamedTuple):
    """An enum, struct, variant or field with the attributes and docs that stand before it."""

    file: RustFile
    node: Node
    attributes: tuple[Node, ...]
    docs: tuple[Node, ...]


class Option(NamedTuple):
    """`key`, `key = value` or `key(value)` inside a clap attribute."""

    key: str
    node: Node
    value: tuple[Node, ...]


class TypePath(NamedTuple):
    """A field's type: the wrappers around it, and its path."""

    wrappers: tuple[str, ...]
    segments: tuple[str, ...]


def children_of(file: RustFile, node: Node) -> Iterator[Member]:
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
            if attribute_path(file, child) == "doc":
                docs.append(child)
        elif child.type in {"line_comment", "block_comment"}:
            if any(part.type == "outer_doc_comment_marker" for part in child.named_children):
                docs.append(child)
        elif child.type != "visibility_modifier":
            yield Member(file, child, tuple(attributes), tuple(docs))
            attributes, docs = [], []


def attribute_path(file: RustFile, node: Node) -> str:
    """Give the path of an attribute as written."""
    return text_of(file, node.named_children[0].named_children[0])


def derives_of(member: Member) -> set[str]:
    """Give the clap derives of a type, by their last path segment."""
    found = set()
    for node in member.attributes:
        text = text_of(member.file, node)
        if "derive" in text:
            found |= set(re.findall(r"\w+", text)) & _DERIVES
    return found


def options_of(member: Member) -> list[Option]:
    """Give what the clap attributes of a member say, in order; those under `cfg_attr` too."""
    found: list[Option] = []
    for node in member.attributes:
        attribute = node.named_children[0]
        arguments = attribute.child_by_field_name("arguments")
        if arguments is None:
            continue
        path = text_of(member.file, attribute.named_children[0]).rpartition("::")[2]
        if path in _ATTRIBUTES:
            found.extend(_parse_options(member.file, arguments))
        elif path == "cfg_attr":
            for option in _parse_options(member.file, arguments)[1:]:
                if option.key in _ATTRIBUTES:
                    tree = option.node.next_sibling
                    if tree is not None and tree.type == "token_tree":
                        found.extend(_parse_options(member.file, tree))
    return found


def _parse_options(file: RustFile, tree: Node) -> list[Option]:
    found = []
    for group in _split(tree.children[1:-1]):
        key = text_of(file, group[0])
        rest = group[1:]
        if rest and rest[0].type == "=":
            rest = rest[1:]
        elif len(rest) == 1 and rest[0].type == "token_tree":
            rest = rest[0].children[1:-1]
        found.append(Option(key.removeprefix("r#"), group[0], tuple(rest)))
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


def condition_of(member: Member) -> cfg.Predicate:
    """Give the conjunction of the cfgs on a member."""
    found = []
    for node in member.attributes:
        text = text_of(member.file, node)
        if "cfg" not in text:
            continue
        match = re.fullmatch(r"#\s*\[\s*cfg\s*\((.*)\)\s*\]", text, re.DOTALL)
        if match:
            try:
                found.append(cfg.parse(match.group(1)))
            except ValueError:
                continue
    return cfg.conjoin(found) if found else cfg.TRUE


def is_set(options: list[Option], key: str) -> bool:
    """Tell whether an option is set: `key`, `key = true` or `key(true)`."""
    return any(option.key == key and [node.text for node in option.value] != [b"false"] for option in options)


def is_trailing(options: list[Option]) -> bool:
    """Tell whether an argument takes everything that follows."""
    return is_set(options, "trailing_var_arg") or is_set(options, "last") or is_set(options, "raw")


def string_option(file: RustFile, options: list[Option], key: str) -> str | None:
    """Give the string that an option is set to, or None."""
    return next((nodes_string(file, option.value) for option in options if option.key == key and option.value), None)


def aliases_of(file: RustFile, options: list[Option]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the hidden and the visible aliases."""
    hidden: list[str] = []
    visible: list[str] = []
    for option in options:
        if option.key in {"alias", "aliases"}:
            hidden.extend(name for name, _ in string_list(file, option.value))
        elif option.key in {"visible_alias", "visible_aliases"}:
            visible.extend(name for name, _ in string_list(file, option.value))
    return (tuple(hidden), tuple(visible))


def string_list(file: RustFile, nodes: Iterable[Node]) -> list[tuple[str, Node]]:
    """Give every string literal among the tokens, with its node."""
    found = []
    for node in nodes:
        for literal in rust.walk(node, "string_literal", "raw_string_literal"):
            found.append((rust.string(file, literal).value, literal))  # noqa: PERF401 - two loops read better
    return found


def nodes_string(file: RustFile, nodes: Sequence[Node]) -> str | None:
    """Give the string or character that an option's value is: a literal, or one made a `String`."""
    if not nodes:
        return None
    first = nodes[0]
    if first.type == "char_literal" and len(nodes) == 1:
        return text_of(file, first)[1:-1]
    made = re.fullmatch(r"(?:\w+::)*String::from|concat!", source_of(file, nodes[:-1])) if len(nodes) > 1 else None
    if made or (first.type in {"string_literal", "raw_string_literal"} and _only_conversions(file, nodes[1:])):
        return "".join(name for name, _ in string_list(file, nodes))
    return None


def _only_conversions(file: RustFile, nodes: Sequence[Node]) -> bool:
    return re.fullmatch(r"(?:\.(?:to_string|to_owned|into)\(\))*", source_of(file, nodes)) is not None


def takes_value(file: RustFile, options: dict[str, Option], given: TypePath, *, positional: bool) -> bool:
    """Tell whether an argument takes a value: a plain bool without action, parser or count of values does not."""
    action = options.get("action")
    if action:
        return source_of(file, action.value).rpartition("::")[2] not in _NO_VALUE
    if positional or "num_args" in options or "value_parser" in options:
        return True
    return given.wrappers != () or given.segments not in {("bool",), ()}


def environment_of(file: RustFile, options: dict[str, Option], identifier: str) -> str | None:
    """Give the variable that an argument falls back to."""
    option = options.get("env")
    return (nodes_string(file, option.value) or rename(identifier, "SCREAMING_SNAKE_CASE")) if option else None


def is_required(file: RustFile, options: dict[str, Option], given: TypePath) -> bool:
    """Tell whether an argument must be given."""
    explicit = options.get("required")
    if explicit:
        return source_of(file, explicit.value) != "false"
    defaulted = any(key.startswith("default_value") for key in options)
    return not given.wrappers and given.segments != ("bool",) and not defaulted


def type_of(file: RustFile, node: Node) -> TypePath:
    """Give the wrappers and the path of a type."""
    wrappers: list[str] = []
    while node.type == "generic_type":
        base = node.child_by_field_name("type")
        inner = node.child_by_field_name("type_arguments")
        name = text_of(file, base).rpartition("::")[2] if base is not None else ""
        if base is None or inner is None or name not in _WRAPPERS or not inner.named_children:
            node = base if base is not None else node
            break
        if name != "Box":
            wrappers.append(name)
        node = inner.named_children[0]
    if node.type not in TYPE_NODES:
        return TypePath(tuple(wrappers), ())
    text = re.sub(r"\s", "", text_of(file, node))
    return TypePath(tuple(wrappers), () if text == "()" else tuple(part for part in text.split("::") if part))


def type_default(given: TypePath) -> str | None:
    """Give what `Default` makes of a plain type, as clap shows it."""
    name = given.segments[-1] if given.segments else ""
    if name == "bool":
        return "false"
    if re.fullmatch(r"[iu](?:8|16|32|64|128|size)|f32|f64", name):
        return "0"
    return "" if name in {"String", "PathBuf"} else None


def casing_of(member: Member) -> str:
    """Give a type's `rename_all`."""
    return string_option(member.file, options_of(member), "rename_all") or "kebab-case"


def name_node(node: Node) -> Node:
    """Give the node of the name of an item, variant or field."""
    return node.child_by_field_name("name") or node


def text_of(file: RustFile, node: Node) -> str:
    """Give the source text of a node."""
    return file.source[node.start_byte : node.end_byte].decode(errors="replace")


def source_of(file: RustFile, nodes: Sequence[Node]) -> str:
    """Give the source of a run of tokens without white space."""
    source = file.source[nodes[0].start_byte : nodes[-1].end_byte] if nodes else b""
    return re.sub(r"\s+", "", source.decode(errors="replace"))


def place_of(file: RustFile, node: Node) -> Place:
    """Give the place of a node."""
    return Place(file.path, *file.position(node))


def literal_value(source: str) -> str:
    """Give the value of a literal as clap would print it."""
    if source.startswith('"'):
        return source[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    text = re.sub(r"_?(?:[iu](?:8|16|32|64|128|size)|f32|f64)$", "", source.replace("_", ""))
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d*", text) else text


def doc_text(file: RustFile, docs: Sequence[Node]) -> Text:
    """Join doc comments as rustdoc does: one line each, one leading space dropped."""
    value = ""
    marks: list[tuple[int, int, int]] = []
    for node in docs:
        if node.type == "attribute_item":
            literals = string_list(file, [node])
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
    text = text_of(file, node).rstrip("\n")
    if node.type == "line_comment":
        yield (text[3:], line, column + 3)
        return
    for row, content in enumerate(text.removesuffix("*/").split("\n")):
        opening = re.match(r"/\*\*" if row == 0 else r"\s*\*?", content)
        skipped = opening.end() if opening else 0
        yield (content[skipped:], line + row, (column if row == 0 else 1) + skipped)


def marks_of(file: RustFile, offsets: Sequence[int], base: int) -> Iterator[tuple[int, int, int]]:
    """Mark every character of a literal that does not follow the one before it on the same line."""
    expected = -1
    for at, offset in enumerate(offsets):
        if offset != expected:
            yield (base + at, *file.position(offset))
        width = 1
        while offset + width < len(file.source) and file.source[offset + width] & 0xC0 == 0x80:
            width += 1
        expected = -1 if file.source[offset : offset + 1] == b"\n" else offset + width


def join_path(path: str, relative: str) -> str:
    """Give the path that `relative` means beside the file `path`."""
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
