//! Calls that mean something else than the one function of that name.

#[cfg(feature = "cuda")]
mod device {
    pub struct Stream;

    impl Stream {
        pub fn open() -> Self {
            Stream
        }
    }
}

/// Stands in where there is no CUDA.
#[cfg(not(feature = "cuda"))]
mod device {
    pub struct Stream;

    impl Stream {
        pub fn open() -> Self {
            panic!("no CUDA")
        }
    }
}

pub use device::Stream;

pub struct Weights(Vec<f32>);

impl Clone for Weights {
    fn clone(&self) -> Self {
        Weights(self.0.clone())
    }
}

impl Weights {
    pub fn position(&self) -> usize {
        0
    }
}

#[cfg(all(test, feature = "cuda"))]
mod tests {
    use super::*;

    #[test]
    fn a_stream_opens() {
        let _stream = Stream::open();
        let rates = std::env::args();
        let again = rates.clone();
        assert!(again.doubled() > 0.0);
        let _first = again.position(|rate| rate == 0.0);
    }
}
