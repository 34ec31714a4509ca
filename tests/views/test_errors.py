from __future__ import annotations

import pytest

from pytest_mens.views import errors, rust
from pytest_mens.views.messages import Showing

SHOWING = Showing({"anyhow": 0, "bail": 0, "ensure": 1, **errors.PANICS}, ("context",), ("ok_or_else",), ("Err",))


def parsed(body: str, rest: str = "") -> rust.RustFile:
    return rust.parse(f"fn f(p: &Path) -> Result<()> {{ {body} }}\n{rest}")


def test_of_nested_constructors_the_inner_one_is_the_error() -> None:
    file = parsed('return Err(anyhow!("inner")); q.ok_or_else(|| anyhow!("late")); panic!("end"); assert!(x, "said");')
    found = [(message.shown_by, message.literal.value) for message in errors.of_file(file, SHOWING) if message.literal]
    assert found == [("anyhow!", "inner"), ("anyhow!", "late"), ("panic!", "end"), ("assert!", "said")]


def test_a_branch_without_errors_has_those_of_what_it_calls_for_one() -> None:
    rest = 'fn no() -> Result<()> { bail!("no") } fn go() -> Result<()> { step(); bail!("more than an error") }'
    file = parsed("if a { return no(); } if b { return go(); }", rest)
    branches = [node.child_by_field_name("consequence") for node in rust.walk(file.root, "if_expression")]
    found = [errors.in_branch(file, branch, SHOWING) for branch in branches if branch is not None]
    assert [[errors.literal_of(file, message) for message in some] for some in found][1] == []
    assert [message.literal.value for message in found[0] if message.literal] == ["no"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("std::process::exit(2)", "exit"),
        ("exit(code)", "exit"),
        ("process::abort()", "abort"),
        ("ExitCode::FAILURE", "std::process::ExitCode::FAILURE"),
        ("std::process::exit(0)", None),
        ("ExitCode::SUCCESS", None),
        ("app.exit(2)", None),
        ("Ok(())", None),
    ],
)
def test_where_a_program_ends_as_failed(body: str, place: str | None) -> None:
    file = parsed(body)
    found = errors.exit_of(file, file.root)
    assert (found is None) == (place is None)
    assert found is None or file.text_of(found) in str(place)


@pytest.mark.parametrize(
    "body",
    [
        "bail!(TEXT)",
        'bail!("{TEXT}")',
        'bail!("{} {}", a::TEXT, p)',
        'bail!("{t}", t = TEXT)',
        'let t = TEXT; bail!("{t}")',
        "let t = made(); bail!(t)",
        "bail!(OTHER_NAME)",
    ],
)
def test_an_error_that_leads_to_a_constant(body: str) -> None:
    file = parsed(body, "use b::TEXT as OTHER_NAME; fn made() -> String { TEXT.to_owned() }")
    message = errors.of_file(file, SHOWING)[0]
    assert errors.says(file, message.place, ["TEXT"])


@pytest.mark.parametrize(
    "body", ['bail!("TEXT")', 'bail!("{{TEXT}}")', 'let _ = TEXT; bail!("own")', "bail!(TEXT_TWO)"]
)
def test_an_error_with_words_of_its_own(body: str) -> None:
    file = parsed(body)
    message = errors.of_file(file, SHOWING)[0]
    assert not errors.says(file, message.place, ["TEXT"])


def test_the_literals_that_a_message_is_made_of() -> None:
    rest = 'const NAMED: &str = "named"; fn made() -> Error { anyhow!("made") }'
    file = parsed('bail!("{}: {}", "first", format!("second")); bail!(NAMED); return Err(made());', rest)
    found = [[literal.value for literal in errors.literals_of(file, each)] for each in errors.of_file(file, SHOWING)]
    assert found[:3] == [["{}: {}", "first", "second"], ["named"], ["made"]]
