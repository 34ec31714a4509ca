"""Calls are found where they are made or told, and nowhere else."""

from __future__ import annotations

import pytest

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import invocations

WANTED = invocations.Wanted("corpus", ("extract", "mix"), ("tool",))


def calls(folder, path: str, text: str) -> list[tuple[int, int, str]]:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    target = Target(WorkingTree(folder, "t"))
    if not WANTED.narrow(target, [path]):
        return []
    found = invocations.find(target, path, WANTED)
    return [(call.words[0].line, call.words[0].column, " ".join(w.value for w in call.words)) for call in found]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.sh", "# tool corpus extract a\n./bin/tool corpus extract a -o b\n", [(2, 12, "corpus extract a -o b")]),
        ("a.sh", 'echo "tool corpus extract a"\n', []),
        ("a.yml", "j:\n  script:\n    - tool corpus mix -c x\n", [(3, 12, "corpus mix -c x")]),
        ("a.yml", "j:\n  name: tool corpus mix -c x\n", []),
        ("a.md", "```sh\ntool corpus extract a \\\n  -o b\n```\n", [(2, 6, "corpus extract a -o b")]),
        ("a.md", "Run `tool.exe corpus extract .\\a` now.\n", [(1, 15, "corpus extract .\\a")]),
        ("a.md", "Never run `tool corpus extract a`.\n", []),
        ("a.md", "The corpus extract step of tool.\n", []),
        ("a.rs", 'fn f() { bail!("run tool corpus extract a && x"); }\n', [(1, 26, "corpus extract a")]),
        ("a.rs", "/// tool corpus extract a\nfn f() {}\n", []),
        ("a.rs", '#[cfg(test)]\nmod t { const A: &str = "tool corpus extract a"; }\n', []),
        ("a.vox", 'run("tool", ["corpus", "extract", "a"])\n', [(1, 15, "corpus extract a")]),
        ("a.txt", "  tool corpus extract .   # all\n", [(1, 8, "corpus extract .")]),
    ],
)
def test_calls(tmp_path, path, text, expected):
    assert calls(tmp_path, path, text) == expected


def test_a_script_knows_where_it_has_gone(tmp_path):
    (tmp_path / "a.sh").write_text("cd data\ntool corpus extract x\n", "utf-8")
    (call,) = invocations.find(Target(WorkingTree(tmp_path, "t")), "a.sh", WANTED)
    assert call.cwd == "data"
