pub const LOOP_LIMIT: usize = 3;

pub struct Runner;

impl Runner {
    pub fn turn(&self) {
        turn_once();
        self.0.std_call();
    }
}

fn turn_once() {}

#[test]
fn runs_all_once() {}
