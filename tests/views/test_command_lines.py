from __future__ import annotations

from pytest_mens.views import command_lines, markdown

PAGE = """# T

Run `tool make --x "a b" && tool drop` or `A=1 tool go…`; **`tool wrap
--y`** too.

| a | b |
|---|---|
| `tool cell <x>` | `y \\| z` |

```bash
$ B=2 tool fence --long \\
    value  # a comment
# only a comment
tool next; tool last.
```

```rust
tool rust
```
"""


def lines() -> list[command_lines.CommandLine]:
    return list(command_lines.command_lines(markdown.parse("p.md", PAGE)))


def test_words() -> None:
    assert [line.texts for line in lines()] == [
        ("tool", "make", "--x", "a b"),
        ("tool", "drop"),
        ("tool", "go…"),
        ("tool", "wrap", "--y"),
        ("tool", "cell", "<x>"),
        ("y",),
        ("z",),
        ("tool", "fence", "--long", "value"),
        ("tool", "next"),
        ("tool", "last"),
    ]


def test_places_and_placeholders() -> None:
    found = lines()
    assert [(word.line, word.column) for word in found[0].words] == [(3, 6), (3, 11), (3, 16), (3, 21)]
    assert [word.open for word in found[4].words] == [False, False, True]
    source = PAGE.split("\n")
    for line in found:
        for word in line.words:
            assert source[word.line - 1][word.column - 1 :].startswith(word.text)
