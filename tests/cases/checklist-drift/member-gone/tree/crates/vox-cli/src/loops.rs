pub const LOOP_LIMIT: usize = 3;

pub struct Runner;

impl Runner {
    pub fn spin(&self) {
        spin_once();
        self.0.std_call();
    }
}

fn spin_once() {}

#[test]
fn runs_all() {}
