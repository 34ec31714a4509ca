"""pytest-mens: a repository's review checklist as pytest items.

This module is what every pytest run pays for: options, the guards that must stand before anything of the target can
be loaded, and the hand-over to `pytest_mens.session` when `--mens-repo` is given.
"""

from __future__ import annotations

from pathlib import Path

import pytest

__version__ = "0.1.0"
__all__ = ["MensNote", "__version__"]

_NEED_REPO = ("rev", "base", "new_only", "sarif", "checks")


class MensNote(pytest.PytestWarning):
    """What deserves attention in a target without failing its entry; `-W` governs it."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the options; there are no ini options, so that no ordinary run becomes a checklist run."""
    group = parser.getgroup("mens", "review checklist of a repository (pytest-mens)")
    group.addoption(
        "--mens-repo",
        action="append",
        default=[],
        metavar="PATH",
        help="judge the repository at PATH by the checklist (always with '='; repeatable)",
    )
    group.addoption(
        "--mens-checks", metavar="PATH", help="checklist to use instead of the rootdir's or the shipped one"
    )
    group.addoption(
        "--mens-rev",
        action="append",
        default=[],
        metavar="REV",
        help="judge this revision, read from the object store without a checkout (repeatable)",
    )
    group.addoption("--mens-base", metavar="REV", help="also judge the change since the merge base with REV")
    group.addoption(
        "--mens-new-only", action="store_true", help="with --mens-base: fail only for findings that the base lacks"
    )
    group.addoption("--mens-sarif", metavar="FILE", help="write the findings to FILE as SARIF 2.1.0")
    group.addoption(
        "--mens-trust-target",
        action="store_true",
        help="the target is one's own: allow running from inside it and loading its pytest configuration",
    )
    group.addoption("--mens-debug", action="store_true", help="show the traceback of a crashed checker")
    from pytest_mens import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Refuse, before any conftest.py is imported, what would make pytest run the target's own code."""
    if "--mens-repo" in early_config.invocation_params.args or "--mens-repo" in args:
        raise pytest.UsageError(
            "write --mens-repo=PATH with '=': after a space pytest takes PATH for a test path and obeys its settings"
        )
    options = early_config.known_args_namespace
    if not options.mens_repo:
        return
    from pytest_mens import plain_import

    plain_import.install()
    paths = [argument for argument in options.file_or_dir if not argument.startswith("mens::")]
    if not options.mens_trust_target:
        from pytest_mens.guard import refuse_target_code

        refuse_target_code(early_config, [Path(repo) for repo in options.mens_repo if repo], paths)
    if not paths:
        options.noconftest = True


@pytest.hookimpl(tryfirst=True)
def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Keep pytest's own collection out of the target."""
    if not config.option.mens_repo or config.option.mens_trust_target:
        return None
    from pytest_mens.guard import inside_any

    return True if inside_any(collection_path, [Path(repo) for repo in config.option.mens_repo]) else None


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; with `--mens-repo`, hand over to the session plugin."""
    config.addinivalue_line("markers", "mens(section, id): an entry of a review checklist (pytest-mens)")
    if config.option.mens_repo:
        from pytest_mens.session import register

        register(config)
        return
    without = [name for name in _NEED_REPO if getattr(config.option, f"mens_{name}") not in (None, [], False)]
    if without:
        raise pytest.UsageError(f"--mens-{without[0].replace('_', '-')} needs --mens-repo=PATH")
