"""Whether the filter of a test command matches any test: asked of many commands, seldom worth walking all modules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mens.views import cargo_test, modules, rust_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mens.target import Target

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_TEST_FUNCTION = re.compile(r"#\s*\[[\w:\s]*\btest\b[^\]]*\](?:\s*#\s*\[[^\]]*\])*[\w\s]*?\bfn\s+(\w+)")
_TEST = re.compile(r"#\s*\[\s*(?:\w+\s*::\s*)*test\s*[\](]")
_NAME_MAKERS = (b"paste!", b"#[rstest", b"#[test_case")
"""What in a file makes up names of tests that stand nowhere whole."""


def some_test(target: Target, chosen: cargo_test.Selection, texts: Sequence[str]) -> bool:
    """Tell whether the filters of a command match a test, also one that its features leave out."""
    plain = _plain(target, chosen)
    if plain is not None:
        return plain
    run = cargo_test.resolve(target, texts)
    return not run.known or bool(run.tests or run.maybe or run.ignored or run.absent)


def _plain(target: Target, chosen: cargo_test.Selection) -> bool | None:
    """Say without walking all modules whether the one filter is part of a test's name; None when that takes more.

    True when a live file of the selected packages has such a test, False when no file of theirs holds the name at
    all and none makes up names.
    """
    invocation = chosen.invocation
    name = invocation.filters[0] if invocation.filters else ""
    roots = tuple(sorted({f"{package.root}/" for package, _ in chosen.targets if package.root}))
    plain = len(invocation.filters) == 1 and not (invocation.expressions or invocation.skip or invocation.exact)
    if not plain or not roots or not _IDENTIFIER.fullmatch(name):
        return None
    paths = _beneath(target, roots)
    holding = target.containing((name.encode(),), paths)
    for path in holding:
        tests = _TEST_FUNCTION.findall(rust_text.code(target, path).bare)
        if any(name in test for test in tests) and modules.placements(target, path):
            return True
    modules_named = [path for path in paths if name in path]
    for path in modules_named:
        if _TEST.search(rust_text.code(target, path).bare) and any(
            name in "::".join(placed.module) for placed in modules.placements(target, path)
        ):
            return True
    if holding or modules_named or target.containing(_NAME_MAKERS, paths):
        return None
    return False


def _beneath(target: Target, roots: tuple[str, ...]) -> list[str]:
    known = target.view(_sources)
    if roots not in known:
        known[roots] = [path for path in target.glob("*.rs") if path.startswith(roots)]
    return known[roots]


def _sources(_target: Target) -> dict[tuple[str, ...], list[str]]:
    return {}
