#![cfg(feature = "plain")]

use engine::prelude::report;
use engine::prelude::training::Options;
use engine::Log;

pub fn run() {
    engine::summary();
    report();
}
