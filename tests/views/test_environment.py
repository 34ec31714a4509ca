from __future__ import annotations

import pytest

from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree
from pytest_mens.views import environment, rust_text

REGISTRY = environment.Registry("SecretId", ("canonical_env", "aliases"), ("*/src/spec/**",), ("*.vox",))

READS = """
const BY_NAME: &str = "VOX_BY_CONSTANT";
pub const ELSEWHERE: &str = "VOX_CONSTANT_ELSEWHERE";

fn env_flag(key: &str) -> bool {
    std::env::var(key).is_ok()
}

fn outer_env(key: &str) -> bool {
    env_flag(key)
}

pub fn run() {
    let _ = std::env::var("VOX_PLAIN");
    let _ = std::env::var_os(
        "VOX_WRAPPED_LINE",
    );
    let _ = option_env!("VOX_AT_BUILD");
    let _ = std::env::var(BY_NAME);
    let _ = env_flag("VOX_BY_FUNCTION");
    let _ = outer_env("VOX_BY_OUTER");
    for key in ["VOX_IN_LIST", "VOX_IN_LIST_TOO"] {
        let _ = std::env::var(key);
    }
    std::env::set_var("VOX_SET", "1");
    Command::new("x").env("VOX_PASSED_ON", "1");
    // std::env::var("VOX_COMMENT");
    let _ = r#"std::env::var("VOX_IN_STRING")"#;
    panic!("VOX_MESSAGE");
}

fn all() {
    for (key, value) in std::env::vars() {
        if key == "VOX_COMPARED" { show(value); }
        match key.as_str() { "VOX_ARM" | "VOX_OTHER_ARM" => {} _ => {} }
    }
    let known: HashMap<_, _> = std::env::vars_os().collect();
    known.get("VOX_LOOKED_UP");
    set("VOX_HANDED_ON");
}

fn none(name: &str) -> bool {
    table().get("VOX_IN_A_TABLE"); name == "VOX_COMPARED_ALONE"
}

#[derive(clap::Args)]
struct Options {
    #[arg(long, env = "VOX_OF_CLAP")]
    mode: String,
}

static KNOWN: &[Known] = &[Known { name: "VOX_KNOWN" }];

#[cfg(test)]
mod tests {
    #[test]
    fn reads() {
        let _ = std::env::var("VOX_ONLY_TESTED");
    }
}
"""

SPEC = """
pub const SPECS: &[Spec] = &[
    Spec { id: SecretId::UsedOne, canonical_env: "VOX_USED", aliases: &["VOX_USED_TOO"] },
    Spec { id: SecretId::Unused, canonical_env: "VOX_UNUSED", aliases: &[] },
];
"""

SCRIPT = """# $env:VOX_PS_COMMENT
$env:VOX_PS_SET = "1"
if ($env:VOX_PS_READ -eq "1") { }
"""


@pytest.fixture
def target() -> Target:
    return Target(
        MemoryTree(
            {
                "a/src/lib.rs": READS.encode(),
                "a/src/other.rs": b"pub fn f() { let _ = std::env::var(crate::ELSEWHERE); }",
                "a/tests/t.rs": b'fn f() { let _ = std::env::var("VOX_IN_TESTS"); }',
                "b/src/spec/mod.rs": SPEC.encode(),
                "b/src/lib.rs": b"fn f() { get(spec::SecretId::UsedOne); get(SecretId::NoEntry); }",
                "s/run.ps1": SCRIPT.encode(),
                "s/run.sh": b'echo "${VOX_SH:-x}" # $VOX_SH_COMMENT\n',
                "s/run.vox": b'let a = env.get("VOX_VOX")\n// env.get("VOX_VOX_COMMENT")\n',
                "s/run.py": b'import os\nos.environ["VOX_PY"]\nos.environ["VOX_PY_SET"] = "1"\n',
            }
        )
    )


@pytest.mark.parametrize(
    "name",
    [
        "VOX_PLAIN", "VOX_WRAPPED_LINE", "VOX_AT_BUILD", "VOX_BY_CONSTANT", "VOX_CONSTANT_ELSEWHERE", "VOX_BY_FUNCTION",
        "VOX_BY_OUTER", "VOX_IN_LIST", "VOX_IN_LIST_TOO", "VOX_OF_CLAP", "VOX_USED", "VOX_USED_TOO", "VOX_PS_READ",
        "VOX_SH", "VOX_VOX", "VOX_PY", "VOX_COMPARED", "VOX_ARM", "VOX_OTHER_ARM", "VOX_LOOKED_UP",
    ],
)  # fmt: skip
def test_what_is_read(target: Target, name: str) -> None:
    assert environment.readers(target, name, REGISTRY)


@pytest.mark.parametrize(
    "name",
    [
        "VOX_SET", "VOX_PASSED_ON", "VOX_COMMENT", "VOX_IN_STRING", "VOX_MESSAGE", "VOX_KNOWN", "VOX_ONLY_TESTED",
        "VOX_IN_TESTS", "VOX_UNUSED", "VOX_PS_COMMENT", "VOX_PS_SET", "VOX_SH_COMMENT", "VOX_VOX_COMMENT", "VOX_PY_SET",
        "VOX_NOWHERE", "VOX_HANDED_ON", "VOX_IN_A_TABLE", "VOX_COMPARED_ALONE",
    ],
)  # fmt: skip
def test_what_is_not_read(target: Target, name: str) -> None:
    assert environment.readers(target, name, REGISTRY) == ()


def test_places(target: Target) -> None:
    line = READS[: READS.index('"VOX_PLAIN"')].count("\n") + 1
    assert environment.readers(target, "VOX_PLAIN") == (environment.Read("a/src/lib.rs", line, 27),)
    assert environment.registered(target, "VOX_UNUSED", REGISTRY) == (environment.Read("b/src/spec/mod.rs", 4, 49),)


def test_members_without_an_entry(target: Target) -> None:
    assert environment.unregistered(target, "VOX_UNUSED", REGISTRY) == ()
    assert environment.unregistered(target, "NO_ENTRY", REGISTRY)


def test_names_of_one_file(target: Target) -> None:
    assert environment.names_read(target, "s/run.vox", "VOX_", REGISTRY) == {"VOX_VOX"}
    assert environment.names_read(target, "b/src/lib.rs", "VOX_", REGISTRY) == {"VOX_USED", "VOX_USED_TOO"}


def test_documented_names() -> None:
    text = "`VOX_A=1`, `VOX_B_*`, `VOX_C.md`, MY_VOX_D, `VOX_<X>`, VOX_E; OTHER_F"
    assert [match.group() for match in environment.documented(text, ("VOX_",))] == ["VOX_A", "VOX_E"]


def test_tokens() -> None:
    text = 'let a = "//"; // b "c"\n/* d /* e */ f */ g(\'"\', \'h\', \'\\\'\', "\\"");\n'
    code = rust_text.Code(text)
    assert len(code.code) == len(code.bare) == len(text)
    assert code.code.split() == ["let", "a", "=", '"//";', "g('\"',", "'h',", "'\\'',", '"\\"");']
    assert code.bare.split() == ["let", "a", "=", ";", "g(", ",", ",", ",", ");"]
    assert code.place(text.index("g(")) == (2, 19)
