"""The functions that stand in several trees of modules, read as what they compute, and the layer they adapt."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mens.views import cargo, cfg, equivalence, layers, liveness, modules, rust
from pytest_mens.views.terms import Atom, Term, atom, atoms

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_mens.target import Target
    from pytest_mens.views.cargo import Package
    from pytest_mens.views.equivalence import Computation
    from pytest_mens.views.rust import Function, RustFile


@dataclass(frozen=True)
class Tree:
    """A module (with `*` and `**`) of a package's library, all its files. `extensions` are layers it may add."""

    package: str
    module: str
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Linear:
    """The adapted layer: its type, its functions, its fields, and how the tensor library spells layers."""

    type: str
    forward: str
    merge: str
    count: str
    base: str
    down: str
    up: str
    scale: str
    weight: str
    apply: str
    product: str
    dimensions: str
    constructor: str


@dataclass(frozen=True)
class Subject:
    """What is compared.

    `shared` are further modules that belong to the trees. `functions` are free functions and `configs` types with
    defaults that stand in both. `transparent` and `operators` are how the tensor library spells what makes no
    difference.
    """

    trees: tuple[Tree, ...]
    shared: tuple[Tree, ...]
    linear: Linear
    functions: tuple[str, ...]
    configs: tuple[str, ...]
    transparent: tuple[str, ...]
    operators: dict[str, str]


@dataclass
class Copy:
    """One of the compared functions where it stands: `tree` is the index of its tree, shared modules come after."""

    tree: int
    label: str
    computation: Computation

    @property
    def function(self) -> Function:
        """Give the function itself."""
        return self.computation.function

    @property
    def file(self) -> RustFile:
        """Give the file that it stands in."""
        return self.computation.function.file


@dataclass
class State:
    """Everything read from one target."""

    target: Target
    params: Subject
    present: list[Tree] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rules = equivalence.Rules(self.params.transparent, self.params.operators)
        self.specs = (*self.params.trees, *self.params.shared)
        self.files: list[list[RustFile]] = []
        for index, spec in enumerate(self.specs):
            placed = self.placed(spec)
            self.files.append([liveness.whole_file(self.target, path) for path in placed])
            if placed and index < len(self.params.trees):
                self.present.append(spec)

    def package(self, spec: Tree) -> Package | None:
        """Give the package of a tree, if the workspace has it."""
        return cargo.workspace(self.target).packages.get(spec.package)

    def placed(self, spec: Tree) -> list[str]:
        """Give the live files of a module and of what is below it, as far as they can matter."""
        package = self.package(spec)
        if package is None:
            return []
        sources = list(self.target.glob(f"/{package.root}/**/*.rs".replace("//", "/")))
        words = (self.params.linear.type, *self.params.functions, *self.params.configs)
        last = spec.module.rpartition("::")[2]
        own = [path for path in sources if path.endswith((f"/{last}.rs", f"/{last}/mod.rs"))]
        candidates = sorted({*own, *self.target.containing([word.encode() for word in words], sources)})
        wanted = _module_pattern(spec.module)
        return [path for path in candidates if self._is_placed(package, path, wanted)]

    def _is_placed(self, package: Package, path: str, wanted: re.Pattern[str]) -> bool:
        return any(
            place.target.kind == "lib"
            and place.package.name == package.name
            and not cfg.implies(place.cfg, cfg.Atom("test"))
            and wanted.fullmatch("::".join(place.module))
            for place in modules.placements(self.target, path)
        )

    @cached_property
    def functions(self) -> list[list[Function]]:
        """Give the functions of each tree that are no test code."""
        return [
            [f for file in files for f in rust.functions(file) if f.body and not rust.in_test_code(file, f.node)]
            for files in self.files
        ]

    @cached_property
    def copies(self) -> list[Copy]:
        """Give every function in the trees that is compared, read."""
        found = []
        for tree, functions in enumerate(self.functions):
            for function in functions:
                if self._is_compared(function):
                    label = f"{function.owner}::{function.name}" if function.owner else function.name
                    found.append(Copy(tree, label, self._read(tree, function)))
        return found

    def _is_compared(self, function: Function) -> bool:
        if function.owner is None:
            return function.name in self.params.functions
        if function.owner in self.params.configs:
            return function.trait == "Default"
        return function.owner == self.params.linear.type and function.trait is None

    def _read(self, tree: int, function: Function) -> Computation:
        return equivalence.compute(
            function,
            self.rules,
            lambda owner, called: self._helper(tree, owner, called),
            lambda key: self._const(tree, key),
        )

    def _helper(self, tree: int, owner: str | None, called: str) -> Function | None:
        """Give a function of the trees by type and name, the own tree first. Running a layer stays a call."""
        if (owner, called) == (self.params.linear.type, self.params.linear.apply):
            return None
        for index in (tree, *(other for other in range(len(self.specs)) if other != tree)):
            for function in self.functions[index]:
                if (function.owner, function.name) == (owner, called):
                    return function
        return None

    @cached_property
    def _constants(self) -> list[dict[str, tuple[RustFile, Node]]]:
        found: list[dict[str, tuple[RustFile, Node]]] = []
        for files in self.files:
            known: dict[str, tuple[RustFile, Node]] = {}
            for file in files:
                for item in rust.find(file, "const_item"):
                    key, value = item.child_by_field_name("name"), item.child_by_field_name("value")
                    if key is not None and value is not None:
                        known[file.text_of(key)] = (file, value)
            found.append(known)
        return found

    def _const(self, tree: int, key: str) -> tuple[RustFile, Node] | None:
        if not key.isupper():
            return None
        known = next((found for found in (self._constants[tree], *self._constants) if key in found), {})
        return known.get(key)

    def vocabulary(self, tree: int) -> layers.Vocabulary:
        """Give how the layer is spelt in a tree."""
        linear = self.params.linear
        return layers.Vocabulary(
            (linear.base, linear.down, linear.up),
            linear.weight,
            linear.apply,
            linear.product,
            self.specs[tree].extensions,
        )

    @cached_property
    def built(self) -> list[tuple[Copy, Term]]:
        """Give the literals of the adapted layer that its functions build, with later assignments to their fields."""
        found: list[tuple[Copy, Term]] = []
        for copy in self.copies:
            if copy.function.owner == self.params.linear.type:
                found.extend((copy, literal) for literal in _literals(copy.computation.result, self.params.linear.type))
        return found

    @cached_property
    def config_fields(self) -> tuple[str, ...]:
        """Give the fields of the configuration types, longest name first."""
        found: set[str] = set()
        for files in self.files:
            for file in files:
                for item in rust.find(file, "struct_item"):
                    if item_name(file, item) in self.params.configs:
                        found.update(field_names(file, item))
        return tuple(sorted(found, key=lambda key: (-len(key), key)))


def _literals(result: Term, label: str) -> list[Term]:
    """Give the outermost literals of a type in `result`, wrapped in the updates made to them."""
    found: list[Term] = []
    inside: set[str] = set()
    for a in atoms(result):
        core = a
        while core.kind == "update":
            base = core.term(0).single
            if base is None:
                break
            core = base
        if core.kind == "struct" and core.parts[0] == label and a.text not in inside:
            found.append(atom(a.kind, *a.parts))
            inner: Atom | None = a
            while inner is not None and inner.kind == "update":
                inner = inner.term(0).single
                inside.update([] if inner is None else [inner.text])
    return found


def _module_pattern(module: str) -> re.Pattern[str]:
    """Give a regex for a module path and everything below it."""
    parts = []
    for part in module.split("::"):
        inner = re.escape(part).replace(r"\*", "[^:]*")
        parts.append("(?:[^:]+::)*" if part == "**" else f"{inner}::")
    return re.compile("".join(parts).removesuffix("::") + "(?:::.*)?")


def item_name(file: RustFile, item: Node) -> str:
    """Give the name of an item."""
    key = item.child_by_field_name("name")
    return "" if key is None else file.text_of(key)


def field_names(file: RustFile, item: Node) -> list[str]:
    """Give the fields of a struct, sorted."""
    return sorted(item_name(file, node) for node in rust.walk(item, "field_declaration"))
