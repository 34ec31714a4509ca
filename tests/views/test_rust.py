from __future__ import annotations

import pytest

from pytest_mens.model import UnreadableError
from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree
from pytest_mens.views import cfg, rust


def target(**files: bytes) -> Target:
    return Target(MemoryTree({name.replace("_rs", ".rs"): data for name, data in files.items()}))


def parse(text: str) -> rust.RustFile:
    return rust.parse(text, "src/lib.rs")


def shown(file: rust.RustFile, arguments: tuple[tuple[rust.Node, ...], ...]) -> list[str]:
    return [rust.nodes_text(file, group) for group in arguments]


def find(file: rust.RustFile, kind: str, text: str = "") -> rust.Node:
    return next(node for node in rust.walk(file.root, kind) if text in file.text_of(node))


def test_file_is_parsed_once_without_bom_and_carriage_returns() -> None:
    tree = target(a_rs=b"\xef\xbb\xbffn a() {}\r\nfn b() {}\r\n")
    file = rust.file(tree, "a.rs")
    assert rust.file(tree, "a.rs") is file
    assert file.source == b"fn a() {}\nfn b() {}\n"
    assert [function.name for function in rust.functions(file)] == ["a", "b"]


def test_file_that_is_too_deep_is_refused() -> None:
    with pytest.raises(UnreadableError, match="nested deeper than 1000"):
        rust.file(target(a_rs=b"fn a() { " + b"(" * 1200 + b"1" + b")" * 1200 + b" }"), "a.rs")
    assert rust.file(target(a_rs=b"fn a() { " + b"(" * 300 + b"1" + b")" * 300 + b" }"), "a.rs")


def test_positions_count_characters() -> None:
    file = parse('fn a() {\n    let ü = "…"; b();\n}\n')
    call = next(rust.calls(file))
    assert file.position(call.name_node) == (2, 18)
    assert file.end_position(call.node) == (2, 21)


def test_walk_is_in_source_order_and_complete() -> None:
    file = parse("fn a(x: u8) -> u8 { if x > 1 { x } else { a(x + 1) } }")
    nodes = list(rust.walk(file.root))
    assert len(nodes) == file.root.descendant_count
    assert [node.start_byte for node in nodes] == sorted(node.start_byte for node in nodes)
    assert [file.text_of(node) for node in rust.walk(file.root, "integer_literal")] == ["1", "1"]
    below = find(file, "else_clause")
    assert [file.text_of(node) for node in rust.walk(below, "integer_literal")] == ["1"]
    around = [node.type for node in rust.ancestors(file, find(file, "binary_expression", "+"))]
    assert around[0] == "arguments"
    assert around[-1] == "source_file"


def test_errors_and_the_regions_they_touch() -> None:
    file = parse("fn a() { let x = 1 }\nfn b() { let y = ; }\n")
    first, second = (function.node for function in rust.functions(file))
    assert file.errors()
    file.require_parsed(first.child_by_field_name("parameters") or first)
    with pytest.raises(UnreadableError, match="syntax error at line 2"):
        file.require_parsed(second)


ATTRIBUTES = """#![cfg(unix)]
#[derive(Debug)]
// between
#[doc = "text"]
pub enum E {
    /// variant
    #[cfg(feature = "a")]
    A { #[serde(default = "f")] b: u8 },
}

fn f(#[cfg(windows)] a: u8) -> S {
    match a {
        #[cfg(feature = "arm")]
        1 => one(),
        _ => two(),
    }
    #[cfg(feature = "let")]
    let x = three();
    S {
        #[cfg(feature = "field")]
        a: four(),
        b: five(),
    }
}

mod inner {
    #![cfg(feature = "inner")]
    #[cfg_attr(docs, cfg(nightly))]
    fn g() { six(); }
}
"""


def test_attributes_of_items_variants_arms_fields_and_files() -> None:
    file = parse(ATTRIBUTES)

    def paths(kind: str, text: str = "") -> list[tuple[str, str]]:
        return [(each.path, each.args) for each in rust.attributes(file, find(file, kind, text))]

    assert paths("source_file") == [("cfg", "unix")]
    assert paths("enum_item") == [("derive", "Debug"), ("doc", "")]
    assert rust.attributes(file, find(file, "enum_item"))[1].value == "text"
    assert paths("enum_variant") == [("cfg", 'feature = "a"')]
    assert paths("field_declaration") == [("serde", 'default = "f"')]
    assert paths("match_arm", "one") == [("cfg", 'feature = "arm"')]
    assert paths("match_arm", "two") == []
    assert paths("parameter") == [("cfg", "windows")]
    assert paths("mod_item") == [("cfg", 'feature = "inner"')]
    assert [doc.text for doc in rust.docs(file, find(file, "enum_variant"))] == ["/// variant"]
    assert [doc.text for doc in rust.docs(file, find(file, "enum_item"))] == ["text"]


@pytest.mark.parametrize(
    ("call", "condition"),
    [
        ("one", 'feature = "a"'),
        ("two", "all()"),
        ("three", "all(unix, windows)"),
        ("four", "all()"),
        ("five", "test"),
        ("six", "all()"),
        ("seven", "unix"),
    ],
)
def test_local_cfg_among_the_tokens_of_a_macro(call: str, condition: str) -> None:
    file = parse(
        'cfg_if! { if #[cfg(feature = "a")] { fn f() { one(); } } else { fn f() { two(); } } }\n'
        "macro_rules! m { ($c:meta) => { #[cfg(unix)] #[inline] fn f(a: A, b: B) { #[cfg(windows)] { three(); } }"
        " #[cfg($c)] fn g() { four(); } } }\n"
        "fn f() { v![#[cfg(test)] five(), six()]; w! { #[cfg(unix)] let a = seven(1, 2); } }\n"
    )
    node = next(each.node for each in rust.calls(file) if each.callee == call)
    assert rust.local_cfg(file, node) == cfg.parse(condition)


@pytest.mark.parametrize(
    ("call", "condition"),
    [
        ("one", 'all(unix, feature = "arm")'),
        ("two", "unix"),
        ("three", 'all(unix, feature = "let")'),
        ("four", 'all(unix, feature = "field")'),
        ("five", "unix"),
        ("six", 'all(unix, feature = "inner", any(not(docs), nightly))'),
    ],
)
def test_local_cfg_belongs_to_exactly_its_node(call: str, condition: str) -> None:
    file = parse(ATTRIBUTES)
    node = next(each.node for each in rust.calls(file) if each.callee == call)
    found, wanted = rust.local_cfg(file, node), cfg.parse(condition)
    assert cfg.implies(found, wanted)
    assert cfg.implies(wanted, found)


def test_cfg_in_strings_and_comments_is_none() -> None:
    file = parse('// #[cfg(test)]\nconst A: &str = "\n#[cfg(test)]\n";\nfn a() {}\n')
    assert rust.local_cfg(file, find(file, "function_item")) == cfg.TRUE


def test_cfg_that_is_not_understood_is_refused() -> None:
    file = parse("\n#[cfg(all(a b))]\nfn a() {}\n")
    with pytest.raises(UnreadableError, match="cfg predicate not understood at line 2"):
        rust.local_cfg(file, find(file, "function_item"))


def test_functions_know_where_they_stand() -> None:
    file = parse(
        """
        mod outer { mod inner { impl<T: X> a::Tr<u8> for b::S<T> { fn m(&self) { fn nested() {} } } } }
        trait Tr { fn declared(); fn given() {} }
        impl S { #[tokio::test(flavor = "x")] async fn t() {} #[cfg_attr(x, test)] fn u() {} #[testing] fn v() {} }
        macro_rules! m { () => { fn not_one() {} }; }
        """
    )
    found = [(each.name, each.owner, each.trait, each.scope) for each in rust.functions(file)]
    assert found == [
        ("m", "S", "Tr", ("outer", "inner")),
        ("nested", None, None, ("outer", "inner")),
        ("declared", "Tr", "Tr", ()),
        ("given", "Tr", "Tr", ()),
        ("t", "S", None, ()),
        ("u", "S", None, ()),
        ("v", "S", None, ()),
    ]
    assert [each.body is None for each in rust.functions(file)][2] is True
    assert [rust.is_test(file, each.node) for each in rust.functions(file)[-3:]] == [True, True, False]


def test_test_code_is_code_under_cfg_test_or_in_tests() -> None:
    file = parse(
        """
        fn a() { live(); }
        #[cfg(all(test, unix))] mod tests { fn b() { helper(); } }
        #[cfg(any(test, unix))] fn c() { either(); }
        #[test] fn d() { run(|| { inside(); }); }
        """
    )
    found = {call.callee: rust.in_test_code(file, call.node) for call in rust.calls(file)}
    assert found == {"live": False, "helper": True, "either": False, "run": True, "inside": True}


@pytest.mark.parametrize(
    ("written", "value", "prefix"),
    [
        (r'"plain"', "plain", ""),
        (r'"a\n\t\\\"\'\0\x41\u{7b}\u{1F600}"', "a\n\t\\\"'\0A{\U0001f600", ""),
        ('"a\\\n     b \\\n\n  c"', "ab c", ""),
        ('"two\nlines…"', "two\nlines…", ""),
        (r'r"raw \n"', r"raw \n", "r"),
        ('r##"a "# b"##', 'a "# b', "r"),
        (r'b"\xff."', "\xff.", "b"),
        (r'br#"\"#', "\\", "br"),
        (r'c"c\n"', "c\n", "c"),
        ('""', "", ""),
    ],
)
def test_string_literals_are_decoded_with_their_places(written: str, value: str, prefix: str) -> None:
    file = parse(f"const ü: X = {written};\n")
    (literal,) = rust.strings(file)
    assert (literal.value, literal.prefix) == (value, prefix)
    assert len(literal.offsets) == len(value)
    for character, offset in zip(value, literal.offsets, strict=True):
        there = file.source[offset:].decode()
        assert there.startswith((character, "\\"))


def test_strings_leave_attributes_and_abis_out() -> None:
    file = parse('#[doc = "no"]\nextern "C" fn a() { m!(b("yes"), "also"); }\n')
    assert [literal.value for literal in rust.strings(file)] == ["yes", "also"]


def test_macros_are_found_inside_macros() -> None:
    file = parse(
        """
        fn a() {
            tokio::select! {
                x = y() => { anyhow::bail!("a {}", x, k = |a, b| a + b); }
            }
            vec![format!("b",), n::<A, B>(1), !(c), d != (e)];
            #[m2!(no)] let _ = if!x {};
        }
        macro_rules! rule { ($x:expr) => { $crate::inner!($x, 1) }; }
        """
    )
    found = [(macro.path, macro.name, shown(file, macro.arguments)) for macro in rust.macro_calls(file)]
    assert found[1] == ("anyhow::bail", "bail", ['"a {}"', "x", "k = |a, b| a + b"])
    assert found[2][2] == ['format!("b",)', "n::<A, B>(1)", "!(c)", "d != (e)"]
    assert found[3] == ("format", "format", ['"b"'])
    assert found[-1][0] == "$crate::inner"
    assert [macro[0] for macro in found] == ["tokio::select", "anyhow::bail", "vec", "format", "$crate::inner"]


def test_calls_are_found_in_code_and_in_macros() -> None:
    text = "a::B::<u8>::new(1, |x, y| z).c::<T>(&d)?.await.e(f[0])"
    code, macro = parse(f"fn f() {{ {text}; }}"), parse(f"fn f() {{ assert!({text}); }}")
    expected = [
        ("a::B::new", False, "", ["1", "|x, y| z"]),
        ("c", True, "a::B::<u8>::new(1, |x, y| z)", ["&d"]),
        ("e", True, "a::B::<u8>::new(1, |x, y| z).c::<T>(&d)?.await", ["f[0]"]),
    ]
    for file in (code, macro):
        found = [
            (call.callee, call.method, rust.nodes_text(file, call.receiver), shown(file, call.arguments))
            for call in rust.calls(file)
        ]
        assert found == expected


def test_receivers_in_macros_end_at_operators_and_keywords() -> None:
    file = parse("fn f() { m!(-a.b(), *c + d.e(), return g.h(), i!(j).k(), if (l).m() {}, 1.0.n()); }")
    found = [rust.nodes_text(file, call.receiver) for call in rust.calls(file)]
    assert found == ["a", "d", "g", "i!(j)", "(l)", "1.0"]


def test_calls_of_values_have_no_name_and_attributes_none_at_all() -> None:
    file = parse("fn f() { (self.g)(1); #[cfg(h(i))] j(2); m!(#[n(o)] fn p(q: u8) {}); r#try(3); }")
    assert [call.callee for call in rust.calls(file)] == ["", "j", "try"]


def test_paths_and_use_leaves() -> None:
    file = parse(
        """
        pub use a::{self, b as c, d::{e, r#mod}, f::*};
        use ::g::h as _;
        extern crate i as j;
        #[k::l] fn m(n: o::P<q::R>) { s::<t::U>::v(); w!(x::y, z::<a::b>::c); <d as e::F>::g(); }
        """
    )
    uses = [(use.segments, use.alias, use.glob, use.public) for use in rust.paths(file) if use.in_use]
    assert uses == [
        (("a",), None, False, True),
        (("a", "b"), "c", False, True),
        (("a", "d", "e"), None, False, True),
        (("a", "d", "mod"), None, False, True),
        (("a", "f"), None, True, True),
        (("g", "h"), "_", False, False),
        (("i",), "j", False, False),
    ]
    others = {use.segments for use in rust.paths(file) if not use.in_use}
    assert others >= {("o", "P"), ("q", "R"), ("s", "v"), ("t", "U"), ("x", "y"), ("z", "c"), ("a", "b"), ("e", "F")}
    assert ("k", "l") not in others


def test_comments_of_every_kind() -> None:
    file = parse(
        '//! inner\n/// outer\nfn a() {} // line\n/* block /* nested */ */\n/** doc */\n#[doc = "text"]\n'
        '#![doc = "whole"]\nconst A: &str = "// no";\n//// plain\n'
    )
    found = [(comment.kind, comment.text) for comment in rust.comments(file)]
    assert found == [
        ("inner doc", "//! inner"),
        ("outer doc", "/// outer"),
        ("line", "// line"),
        ("block", "/* block /* nested */ */"),
        ("outer doc", "/** doc */"),
        ("outer doc", "text"),
        ("inner doc", "whole"),
        ("line", "//// plain"),
    ]
