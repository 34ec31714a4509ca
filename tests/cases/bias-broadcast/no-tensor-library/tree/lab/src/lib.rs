pub fn f(bias: i32) -> i32 { bias + 1 }
