pub fn project(x: &Thing, weight: &Thing) -> Thing {
    x.matmul(weight)
}
