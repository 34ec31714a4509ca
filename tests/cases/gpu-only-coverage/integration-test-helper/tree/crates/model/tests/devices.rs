//! The helpers of an integration test stand under no `cfg(test)`.
use model::{rounded, scaled};

fn on_gpu() -> Device {
    Device::new_cuda(0).unwrap()
}

fn rounds(device: &Device) {
    assert_eq!(rounded(device), 0.0);
}

on_every_device!(rounds, rounds_on_cpu);

#[test]
fn rounds_on_gpu() {
    rounds(&on_gpu());
}

#[test]
fn scales_on_gpu() {
    assert_eq!(scaled(&on_gpu()), 0.0);
}
