"""A target full of traps for pytest: nothing of it runs, and nothing of it is changed."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

TRAP = "import pathlib; pathlib.Path({canary!r}).write_text('the target ran')\n"
INI = "[pytest]\naddopts = -p evil\npythonpath = .\npython_files = *.py\n"
TOML = '[tool.pytest.ini_options]\naddopts = "-p evil"\npythonpath = ["."]\n'


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


def set_traps(root: Path, canary: Path) -> None:
    """Make `root` a directory that runs code wherever pytest or Python would look."""
    root.mkdir(parents=True, exist_ok=True)
    trap = TRAP.format(canary=str(canary))
    names = [
        "conftest",
        "evil",
        "test_evil",
        "sitecustomize",
        "pytest",
        "execnet",
        "tomli",
        "regex",
        "pathspec",
        "yaml",
    ]
    for name in [*names, "pytest_mens", "json", "tests/conftest", "tests/test_more"]:
        path = root / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(trap, "utf-8")
    for name in ("pytest.ini", "tox.ini", ".pytest.ini"):
        (root / name).write_text(INI, "utf-8")
    (root / "setup.cfg").write_text(INI.replace("[pytest]", "[tool:pytest]"), "utf-8")
    (root / "pyproject.toml").write_text(TOML, "utf-8")
    (root / "checks.toml").write_text('[easy]\nchecker = "path-glob"\n', "utf-8")
    (root / "README.md").write_text("# Repo\n", "utf-8")
    (root / "a.txt").write_text("\tx\n", "utf-8")


def digest(root: Path) -> str:
    """Give a hash of everything below `root`: names, modes, times and contents."""
    found = hashlib.sha256()
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = Path(folder, name)
            status = path.lstat()
            found.update(f"{path} {status.st_mode} {status.st_size} {status.st_mtime_ns}".encode())
            if path.is_file():
                found.update(path.read_bytes())
    return found.hexdigest()


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["serial", "workers"])
@pytest.mark.parametrize("where", ["beside", "below"])
def test_nothing_of_the_target_runs(
    pytester: pytest.Pytester, checks: Path, tmp_path: Path, canary: Path, workers: list[str], where: str
) -> None:
    target = pytester.path / "vox" if where == "below" else tmp_path / "elsewhere" / "vox"
    set_traps(target, canary)
    before = digest(target)
    result = pytester.runpytest_subprocess(f"--mens-repo={target}", f"--mens-checks={checks}", *workers)
    result.assert_outcomes(failed=1, passed=1, skipped=1)
    assert not canary.exists()
    assert digest(target) == before


def test_collection_of_the_working_directory_leaves_the_target_out(
    pytester: pytest.Pytester, checks: Path, canary: Path
) -> None:
    set_traps(pytester.path / "vox", canary)
    pytester.makepyfile(test_own="def test_own(): pass")
    result = pytester.runpytest_subprocess("--mens-repo=vox", f"--mens-checks={checks}", ".")
    result.assert_outcomes(failed=1, passed=2, skipped=1)
    assert not canary.exists()


@pytest.mark.parametrize(
    ("below", "arguments", "words"),
    [
        ("vox", ["--mens-repo", "vox"], "--mens-repo="),
        ("vox", ["--mens-repo=vox", "vox"], "inside the target"),
        ("vox", ["--mens-repo=vox", "vox/tests/test_more.py::test_x"], "inside the target"),
        ("vox", ["--mens-repo=vox", "-c", "vox/pytest.ini"], "inside the target"),
        ("vox", ["--mens-repo=vox", "--rootdir=vox"], "inside the target"),
        ("vox", ["--mens-repo=vox", "--mens-checks=vox/checks.toml"], "inside the target"),
        ("vox", ["--mens-repo=vox", "-o", "testpaths=vox/tests"], "conftest.py"),
        ("vox", ["--mens-repo=vox", "-o", "testpaths=**/tests"], "conftest.py"),
        ("vox", ["--mens-repo=vox", "-o", "testpaths={cwd}/vox/tests"], "conftest.py"),
        ("tests-vox", ["--mens-repo=tests-vox"], "conftest.py"),
    ],
)
def test_what_would_load_the_target_is_refused(
    pytester: pytest.Pytester, canary: Path, below: str, arguments: list[str], words: str
) -> None:
    target = pytester.path / below
    (target / "tests").mkdir(parents=True)
    for name in ("conftest.py", "test_evil.py", "tests/conftest.py", "tests/test_more.py"):
        (target / name).write_text(TRAP.format(canary=str(canary)), "utf-8")
    (target / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (target / "checks.toml").write_text('[easy]\nchecker = "path-glob"\n', "utf-8")
    result = pytester.runpytest_subprocess(*(argument.format(cwd=pytester.path) for argument in arguments))
    text = result.stdout.str() + result.stderr.str()
    assert result.ret == 4, text
    assert words in text
    assert "Traceback" not in text
    assert not canary.exists()


def test_starting_inside_the_target_is_refused(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    target = pytester.mkdir("vox")
    (target / "README.md").write_text("# Repo\n", "utf-8")
    monkeypatch.chdir(target)
    result = pytester.runpytest_subprocess("--mens-repo=.")
    assert result.ret == 4
    assert "inside the target" in result.stderr.str()


def test_a_trusted_target_may_be_judged_from_inside(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, checks: Path
) -> None:
    target = pytester.mkdir("vox")
    (target / "README.md").write_text("# Repo\n", "utf-8")
    (target / "checks.toml").write_text('[easy]\nchecker = "path-glob"\n', "utf-8")
    monkeypatch.chdir(target)
    result = pytester.runpytest_subprocess("--mens-repo=.", "--mens-trust-target", f"--mens-checks={checks}")
    assert result.parseoutcomes() == {"passed": 1, "failed": 1, "skipped": 1}
    result = pytester.runpytest_subprocess("--mens-repo=.", "--mens-trust-target", "--collect-only", "-q")
    assert "mens::easy" not in result.outlines  # a target never brings its own checklist


def test_no_socket_and_no_process(pytester: pytest.Pytester, checks: Path, repo: Path) -> None:
    """A working tree is judged without git and without the network."""
    (pytester.path / "watch.py").write_text(
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event.startswith(('socket.', 'subprocess.', 'os.exec', 'os.posix_spawn', 'os.system')):\n"
        "        raise RuntimeError(event)\n"
        "sys.addaudithook(hook)\n",
        "utf-8",
    )
    result = pytester.run(
        sys.executable, "-m", "pytest", "-p", "watch", f"--mens-repo={repo}", f"--mens-checks={checks}"
    )
    result.assert_outcomes(failed=1, passed=1, skipped=1)


@pytest.mark.parametrize(
    "variables", [{"HOME": None}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONHASHSEED": "7"}], ids=str
)
def test_the_environment_changes_nothing(
    run, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str | None]
) -> None:
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    run().assert_outcomes(failed=1, passed=1, skipped=1)
