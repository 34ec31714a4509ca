pub fn report() {}

pub struct Log;
