/// What a number chooses.
pub(super) type Decoder = fn(&[u8]);

/// Decodes bytes; encodes what came of it, where anything did, and decodes that.
macro_rules! again {
    ($bytes:expr, $decode:expr, $encode:expr) => {
        if let Ok(first) = $decode($bytes) {
            let bytes = $encode(&first);
            let second = $decode(bytes.as_slice());
            assert!(second.as_ref().is_ok_and(|second| *second == first), "{}", stringify!($decode));
        }
    };
}
pub(super) use again;
