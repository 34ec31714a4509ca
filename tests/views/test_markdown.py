"""Blocks and inline elements of Markdown pages stand where the source says."""

from __future__ import annotations

from pytest_mens.views import markdown

PAGE = """---
title: "Sample"
training_eligible: false
nested:
  title: inner
---
# Head `code` tail ##

Para **bold `c` t** and [a `b` link](x/y.md#z) end
next `--flag=v`

## Second

- one `a`
  - nested [t](u.md)
    ```bash
    tool run --x
    ```
- two

> quoted `q`

| A | B `h` |
|---|---|
| 1 \\| `x` | y `m\\|n` z |
| | only b |

<!-- note
more -->
"""


def source(page: markdown.Page, inline: markdown.Inline) -> str:
    (line, column), (_, end) = inline.place, inline.end_place
    return page.lines[line - 1][column - 1 : end - 1]


def test_front_matter_gives_top_level_scalars_only():
    page = markdown.parse("p.md", PAGE)
    assert page.front_matter == {"title": "Sample", "training_eligible": "false"}
    assert page.title == "Head code tail"


def test_every_code_span_and_link_stands_where_the_source_says():
    page = markdown.parse("p.md", PAGE)
    assert [source(page, inline) for _, inline in page.inlines("code")] == [
        "`code`", "`c`", "`b`", "`--flag=v`", "`a`", "`q`", "`h`", "`x`", "`m\\|n`",
    ]  # fmt: skip
    assert [(inline.text, inline.href, source(page, inline)) for _, inline in page.inlines("link")] == [
        ("a b link", "x/y.md#z", "[a `b` link](x/y.md#z)"),
        ("t", "u.md", "[t](u.md)"),
    ]
    assert [source(page, inline) for _, inline in page.inlines("strong")] == ["**bold `c` t**"]


def test_the_plain_text_leads_back_to_the_source():
    page = markdown.parse("p.md", PAGE)
    block = next(page.of("paragraph"))
    plain = block.plain
    assert plain.text == "Para bold c t and a b link end next --flag=v"
    at = plain.text.index("--flag")
    assert plain.place(at) == (10, 7)
    assert any(start <= at < end for start, end in plain.code)


def test_headings_nest_and_fences_know_their_lines():
    page = markdown.parse("p.md", PAGE)
    fence = next(page.of("fence"))
    assert [heading.content for heading in fence.headings] == ["Head `code` tail", "Second"]
    assert fence.lines == (markdown.Line("tool run --x", 17, 5),)
    item = fence.enclosing("item")
    assert item is not None
    assert item.lead is not None
    assert item.lead.plain.text == "nested t"
    assert fence.previous is not None


def test_cells_know_their_column_and_head():
    page = markdown.parse("p.md", PAGE)
    cells = [cell for cell in page.of("cell") if not cell.header]
    assert [(cell.plain.text, cell.start, cell.head_cell.plain.text) for cell in cells] == [
        ("1 | x", (25, 3), "A"),
        ("y m|n z", (25, 14), "B h"),
        ("", (26, 2), "A"),
        ("only b", (26, 5), "B h"),
    ]


def test_comments_are_no_text():
    page = markdown.parse("p.md", PAGE)
    (comment,) = page.of("html")
    assert comment.comment
    assert comment.plain.text == ""
    assert comment.lines[1] == markdown.Line("more -->", 29, 1)


def test_a_lone_carriage_return_moves_no_line():
    page = markdown.parse("p.md", "a\rb\n\nc `d`\n")
    assert next(page.inlines("code"))[1].place == (3, 3)


def test_an_empty_page_is_a_page():
    assert markdown.parse("p.md", "").blocks == []


def test_a_list_of_flags_on_the_first_line_is_no_front_matter():
    page = markdown.parse("p.md", "- `--flag v` is one\n\nText\n")
    assert [block.content for block in page.blocks if block.kind == "paragraph"] == ["`--flag v` is one", "Text"]
