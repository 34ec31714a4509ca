"""What a whole run does, watched from inside the interpreter: which files it opens and what it starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_mens

WATCHED = """\
import json, os, sys
seen = {"open": set(), "other": []}
def watch(event, arguments):
    if event in ("open", "os.scandir", "os.listdir", "os.mkdir", "os.remove", "os.rename", "os.symlink", "os.chmod"):
        if isinstance(arguments[0], (str, bytes)):
            seen["open"].add(os.fsdecode(arguments[0]))
    elif event.startswith(("socket.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.dlopen", "urllib.")):
        seen["other"].append(event)
    elif event == "subprocess.Popen":
        seen["other"].append(f"run {os.path.basename(arguments[0])} {arguments[1][1:3]}")
import pytest
sys.addaudithook(watch)
status = pytest.main(sys.argv[2:])
with open(sys.argv[1], "w", encoding="utf-8", errors="surrogateescape") as out:
    json.dump({"status": int(status), "open": sorted(seen["open"]), "other": seen["other"]}, out)
"""

CHECKS = """\
[text]
section = "S"
title = "T"
rule = "Some text is nowhere."
checker = "pattern"
params = { files = ["*.rs"], pattern = "needle", expect = "absent" }

[names]
section = "S"
title = "T"
rule = "Some name is nowhere."
checker = "path-glob"
params = { globs = ["*.forbidden"], expect = "absent" }
"""

TRAP = "import pathlib; pathlib.Path({!r}).touch()\n"


@pytest.fixture
def hostile(repo, tmp_path: Path):
    """A target in which every file tempts: links out, code that would run, a configuration that would be obeyed."""
    canary = tmp_path / "canary"
    trap = TRAP.format(str(canary))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.rs").write_text("needle secret")
    files = dict.fromkeys(("conftest.py", "test_x.py", "sitecustomize.py", "pytest.py", "tests/conftest.py"), trap)
    files["pytest.ini"] = "[pytest]\naddopts = -p sitecustomize\npythonpath = .\n"
    files["checks.toml"] = "[mine]\n"
    files["src/lib.rs"] = "fn main() {}\n"
    repo.commit(**files)
    repo.commit(**{"src/lib.rs": "fn main() { }\n"})
    repo.git("config", "core.fsmonitor", f"touch {canary}")
    os.mkfifo(repo.root / "fifo.rs")
    (repo.root / "outside.rs").symlink_to(outside / "secret.rs")
    (repo.root / "outside").symlink_to(outside)
    yield repo
    assert not canary.exists()


@pytest.mark.parametrize(
    ("options", "words", "programs"),
    [
        ([], ["UNREADABLE fifo.rs: not a regular file"], set()),
        (["--mens-rev=HEAD"], ["2 passed"], {"run git"}),
        (["--mens-rev=HEAD", "--mens-base=HEAD~1"], ["2 passed", "compared with"], {"run git"}),
        (["--mens-base=HEAD~1"], ["UNREADABLE fifo.rs: not a regular file"], {"run git"}),
    ],
)
def test_a_run_opens_and_starts_only_what_it_may(
    hostile, tmp_path: Path, options: list[str], words: list[str], programs: set[str]
) -> None:
    place = tmp_path / "run"
    place.mkdir()
    (place / "checks.toml").write_text(CHECKS)
    seen_at = place / "seen.json"
    before = {path: path.lstat().st_mtime_ns for path in hostile.root.rglob("*")}
    command = [sys.executable, "-P"] if sys.version_info >= (3, 11) else [sys.executable]
    arguments = [f"--mens-repo={hostile.root}", f"--mens-checks={place / 'checks.toml'}", "-p", "no:cacheprovider"]
    arguments += ["-o", "faulthandler_timeout=60"]
    done = subprocess.run(
        [*command, "-c", WATCHED, str(seen_at), *arguments, *options],
        cwd=place, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "TMPDIR": str(place)},
    )  # fmt: skip
    seen = json.loads(seen_at.read_text(errors="surrogateescape"))
    assert all(word in done.stdout for word in words), done.stdout + done.stderr
    assert "secret" not in done.stdout
    assert {" ".join(what.split()[:2]) for what in seen["other"]} == programs
    allowed = [place, Path(sys.prefix), Path(sys.base_prefix), Path(pytest_mens.__file__).parents[1], Path("/dev/null")]
    allowed += [Path(folder) for folder in sys.path if folder]
    if options:
        allowed.append(hostile.root / ".git")
    strays = [
        path
        for path in seen["open"]
        if "/" in path and path != str(hostile.root) and not any(Path(path).is_relative_to(one) for one in allowed)
    ]
    assert strays == []
    assert {path: path.lstat().st_mtime_ns for path in hostile.root.rglob("*")} == before
    assert not list(place.glob("pytest-mens-*"))
