"""Passages know their text, their surroundings and the way back to the source, wherever they come from."""

from __future__ import annotations

import re

from pytest_mens.target import Target
from pytest_mens.target.tree import WorkingTree
from pytest_mens.views import markdown, passages

WANTED = re.compile("needle")


def of_file(folder, path: str, text: str) -> list[tuple[str, tuple[int, int]]]:
    (folder / path).write_text(text, "utf-8")
    target = Target(WorkingTree(folder, "t"))
    found = passages.of_file(target, path, WANTED)
    return [(passage.text, passage.place(passage.text.index("needle"))) for passage in found]


def test_a_row_is_one_passage_with_its_head():
    page = markdown.parse("p.md", "# H\n\n| A | B |\n|---|---|\n| x | the `needle` |\n")
    (row,) = passages.of_page(page, WANTED)
    assert row.heads == ("A", "B")
    assert row.headings == ("H",)
    assert row.text == "x\n\nthe needle"
    assert row.place(row.text.index("needle")) == (5, 12)


def test_the_blocks_beside_are_known():
    page = markdown.parse("p.md", "```\nneedle\n```\n\n> beside it\n")
    (fence,) = passages.of_page(page, WANTED)
    assert fence.around == ("beside it",)
    assert fence.place(fence.text.index("needle")) == (2, 1)


def test_strings_in_code_lead_back_to_their_bytes(tmp_path):
    code = 'const A: &str = "é\\n\\n- a \\"needle\\"";\n// needle\n#[cfg(test)]\nmod t { const B: &str = "needle"; }\n'
    assert of_file(tmp_path, "a.rs", code) == [('a "needle"', (1, 29))]


def test_data_rows_and_yaml_scalars(tmp_path):
    rows = '{"a": 1}\n{"p": "q \\"x\\"", "r": "the needle"}\n'
    assert of_file(tmp_path, "a.jsonl", rows) == [('q "x"\n\nthe needle', (2, 28))]
    assert of_file(tmp_path, "a.yaml", "# needle\nk:\n  - 'a needle'\n") == [("a needle", (3, 8))]


def test_an_excerpt_keeps_lines_and_headings(tmp_path):
    front = "---\na: b\n\nc: needle\n---\n"
    text = front + "# One\n\nskip `x`\n\n```\nneedle no\n\n# not a heading\n```\n\n## Two\n\n- a needle\n\n  more\n"
    (tmp_path / "p.md").write_text(text, "utf-8")
    target = Target(WorkingTree(tmp_path, "t"))
    page = markdown.excerpt(target, "p.md", lambda piece: "a needle" in piece)
    assert [block.content for block in page.of("heading")] == ["One", "Two"]
    (item,) = page.of("item")
    assert [(block.first, block.content) for block in item.children] == [(18, "a needle"), (20, "more")]
    assert not list(page.of("fence"))


def test_exclusion_by_front_matter_and_marker(tmp_path):
    rule = passages.Exclusion({"eligible": "false"}, ("status: old",))
    pages = {"a.md": "---\neligible: false\n---\n", "b.md": "x status: old\n", "c.md": "eligible: false\n", "d.md": ""}
    for name, text in pages.items():
        (tmp_path / name).write_text(text, "utf-8")
    target = Target(WorkingTree(tmp_path, "t"))
    assert [name for name in pages if rule.covers(target, name)] == ["a.md", "b.md"]
