use burn::tensor::Tensor;

fn train() -> f32 {
    let loss = Tensor::<B, 1>::ones([1], &device());
    let grads = loss.backward();
    let model = optim.step(0.1, model(), grads);
    model.forward(input()).mean().into_scalar()
}

#[test]
fn ends_where_it_did() {
    let last = train();
    assert!((last - 0.731).abs() < 1e-5, "{last}");
}

fn trains_and_checks() {
    let last = train();
    assert!((last - 0.25).abs() < 1e-6);
}

#[test]
fn only_calls_a_helper() {
    trains_and_checks();
}

#[test]
fn relative_is_fine() {
    let last = train();
    assert!((last - 0.731).abs() / last.abs() < 1e-4);
}
