"""Sessions for development and CI: `nox` lints, types, packages and tests against the oldest pytest."""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.sessions = ["lint", "package", "oldest"]
nox.options.error_on_missing_interpreters = False

ROOT = Path(__file__).parent


@nox.session
def lint(session: nox.Session) -> None:
    """Lint, check the formatting and the types."""
    session.install("-e", ".[lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session
def package(session: nox.Session) -> None:
    """Build the wheel, install it alone, and judge the broken example from an empty directory."""
    session.install("build")
    session.run("python", "-m", "build", "--wheel", "--outdir", session.create_tmp(), str(ROOT), silent=True)
    (wheel,) = Path(session.create_tmp()).glob("*.whl")
    session.install("--force-reinstall", str(wheel))
    empty = Path(session.create_tmp()) / "empty"
    empty.mkdir(exist_ok=True)
    session.chdir(empty)
    session.run("pytest", f"--mens-repo={ROOT / 'examples' / 'vox'}", "-q")
    session.run("pytest", f"--mens-repo={ROOT / 'examples' / 'vox-broken'}", "-q", "--tb=no", success_codes=[1])
    wheel.unlink()


@nox.session
def oldest(session: nox.Session) -> None:
    """Drive the plugin under the oldest pytest it supports."""
    session.install("-e", ".[test]", "pytest==8.0.0", "pytest-xdist==3.6.1")
    session.run("pytest", "tests/plugin", "-q", "-n", "2", *session.posargs)


@nox.session(python=["3.10", "3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Run all tests."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure the coverage of the package, its entry module included."""
    session.install("-e", ".[test]")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "report", "--skip-covered", "--show-missing")
