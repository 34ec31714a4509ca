"""Names of code in a table of a page: packages, files, modules, globs, and whether they still stand for something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import cargo, rust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mens.target import Target
    from pytest_mens.views.markdown import Block, Inline


def unresolved(target: Target, table: Block, main_column: str) -> Iterator[Inline]:
    """Give the code spans of a table that name code and stand for nothing.

    In the column called `main_column` every span names a package, file or module; in the others only what looks like
    a path does. A bare file or module is looked for in the packages of its row first, then anywhere.
    """
    known = cargo.workspace(target).packages
    for row in table.walk("row"):
        spans = [(cell, inline) for cell in row.children for inline in cell.inlines if inline.kind == "code"]
        roots = [known[inline.text].root for _, inline in spans if inline.text in known]
        for cell, inline in () if row.header else spans:
            head = cell.head_cell
            main = head is not None and head.plain.text.strip().casefold() == main_column.casefold()
            if _is_name(target, inline.text, main=main) and not _resolves(target, inline.text, roots):
                yield inline


def _is_name(target: Target, text: str, *, main: bool) -> bool:
    """Tell whether a code span names code: anything path-like, and in the main column a crate or module."""
    if re.search(r"[^\w./:*?{}\[\],-]", text):
        return False
    if text.endswith(".rs") or ("/" in text and target.is_dir(text.split("/", maxsplit=1)[0])):
        return True
    if not main or not re.match(r"[a-z]", text) or "." in text:
        return False
    if "-" in text:
        prefixes = {known.partition("-")[0] for known in cargo.workspace(target).packages}
        return text.partition("-")[0] in prefixes
    return True


def _resolves(target: Target, text: str, roots: list[str]) -> bool:
    braces = re.search(r"\{([^{}]*)\}", text)
    if braces is not None:  # `{a,b}.rs` names both
        names = [text[: braces.start()] + name.strip() + text[braces.end() :] for name in braces[1].split(",")]
        return all(_resolves(target, name, roots) for name in names)
    packages = cargo.workspace(target).packages
    if text in packages or target.exists(text) or target.is_dir(text):
        return True
    if re.fullmatch(r"[\w-]+", text) and "-" in text:
        return False  # the name of a crate
    path = text.replace("::", "/")
    first, _, rest = path.partition("/")
    crate = next((package for package in packages.values() if package.name.replace("-", "_") == first), None)
    if crate is not None and "::" in text:
        roots, path = [crate.root], rest or "lib"
    stem = path.removesuffix(".rs").removesuffix("/mod")
    patterns = [f"{stem}.rs", f"{stem}/mod.rs", *([] if path.endswith(".rs") else [f"{stem}/"])]
    anchored = "/" in path and target.is_dir(first)
    for root in [""] if anchored else [*roots, ""]:
        prefix = "/" if anchored else f"/{root}/**/".replace("//", "/")
        if target.glob(*(prefix + pattern for pattern in patterns)):
            return True
    last = stem.rpartition("/")[2]
    return not anchored and "*" not in last and _has_inline_module(target, last, roots)


def _has_inline_module(target: Target, module: str, roots: list[str]) -> bool:
    prefixes = tuple(f"{root}/" for root in roots) or ("",)
    sources = [path for path in target.glob("*.rs") if path.startswith(prefixes)]
    for path in target.containing([f"mod {module}".encode()], sources):
        file = rust.file(target, path)
        for item in rust.find(file, "mod_item"):
            name = item.child_by_field_name("name")
            if name is not None and file.text_of(name) == module:
                return True
    return False
