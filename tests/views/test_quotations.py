from __future__ import annotations

from pytest_mens.target import Target
from pytest_mens.target.tree import MemoryTree
from pytest_mens.views import quotations

SOURCE = """
#[command(about = "words of help that nobody quotes")]
struct Root;
fn run() {
    bail!("the model {name} is not here yet, \\
           so wait");
    short("two words");
}
#[cfg(test)]
mod tests {
    fn it() { say("a sentence of the tests alone"); }
}
"""


def test_sentences_outside_attributes_and_tests() -> None:
    target = Target(MemoryTree({"src/lib.rs": SOURCE, "notes.txt": '"four words in quotes here"'}))
    found = list(quotations.texts(target, "src/lib.rs"))
    assert [(text, place.line) for text, place in found] == [("the model {name} is not here yet, so wait", 5)]
    assert not list(quotations.texts(target, "notes.txt"))


def test_runs_stop_at_placeholders() -> None:
    assert list(quotations.runs("The model {name} is not here yet")) == [("is", "not", "here", "yet")]


def test_what_moved_still_stands() -> None:
    target = Target(MemoryTree({"src/lib.rs": SOURCE}))
    text = "It is not here yet!"
    assert quotations.stands_elsewhere(target, text, ("is", "not", "here", "yet"))
    assert not quotations.stands_elsewhere(target, text, ("is", "not", "there", "yet"))
