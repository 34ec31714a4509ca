from __future__ import annotations

from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree
from pytest_mens.views import named_texts


def target(files: dict[str, str]) -> Target:
    return Target(MemoryTree(files))


MANIFEST = '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n'


def test_modules_are_found_in_files_folders_parts_and_inline() -> None:
    tree = target(
        {
            "Cargo.toml": MANIFEST,
            "src/lib.rs": 'mod a;\nmod b;\n#[path = "elsewhere.rs"]\nmod texts;\n',
            "src/elsewhere.rs": 'pub const ONE: &str = "one {x}\\n  two";\ninclude!("part.rs");\n',
            "src/part.rs": 'pub fn two(n: u8) -> String { format!("{n} is\\n two") }\n',
            "src/a.rs": 'mod texts { const THREE: &str = "three"; #[cfg(test)] const FOUR: &str = "four"; }\n',
            "src/b/mod.rs": "mod texts;\n",
            "src/b/texts/mod.rs": 'static FIVE: &str = "five";\nconst SIX: u8 = 6;\n',
            "src/texts/dead.rs": 'const SEVEN: &str = "seven";\n',
            "src/c.rs": "mod texts;\n",
        }
    )
    regions = named_texts.regions(tree, ["texts"], tree.glob("*.rs"))
    found = {text.name: text.value for region in regions for text in named_texts.texts(tree, region)}
    assert found == {"ONE": "one {} two", "two": "{} is two", "THREE": "three", "FIVE": "five"}
    assert {region.module for region in regions} == {"texts"}


def test_constants_are_definitions_outside_of_tests_comments_and_strings() -> None:
    tree = target(
        {
            "Cargo.toml": MANIFEST,
            "src/lib.rs": 'mod a;\n// const NAME: &str = "no";\npub static NAME: &str = "yes";\nfn f() { g(NAME); }\n',
            "src/a.rs": '#[cfg(test)]\nmod tests { const NAME: &str = "no"; }\nconst B: &str = "const NAME: x";\n',
            "src/dead.rs": 'const NAME: &str = "no";\n',
            "tests/t.rs": 'const NAME: &str = "no";\n',
        }
    )
    found = named_texts.constants(tree, "NAME", tree.glob("*.rs"))
    assert [(text.file.path, text.value) for text in found] == [("src/lib.rs", "yes")]
