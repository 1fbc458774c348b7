use super::{Request, Response};
use crate::wire::to_u32;

/// The fragment size that every implementation must take, MustRecvFragSize (C706 12.6.3.1), in bytes.
pub const MIN_FRAGMENT: u16 = 1432;

/// A part of a stub and where it stands in the whole: made by [`fragments`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// Whether the stub begins here.
    pub first: bool,
    /// Whether the stub ends here.
    pub last: bool,
    /// Bytes in this and all later fragments, as specified in \[MS-RPCE\] 2.2.2.6.
    pub alloc_hint: u32,
    /// The bytes.
    pub stub: &'a [u8],
}

impl<'a> Fragment<'a> {
    /// This part as a request.
    #[must_use]
    pub fn request(self, call_id: u32, context_id: u16, opnum: u16) -> Request<'a> {
        let Self { first, last, alloc_hint, stub } = self;
        Request { call_id, first, last, alloc_hint, context_id, opnum, object: None, stub }
    }

    /// This part as a response.
    #[must_use]
    pub fn response(self, call_id: u32, context_id: u16) -> Response<'a> {
        let Self { first, last, alloc_hint, stub } = self;
        Response { call_id, first, last, alloc_hint, context_id, stub }
    }
}

/// Cuts a stub into fragments whose PDUs, as requests or responses, are no longer than `max_frag` bytes.
///
/// `max_frag` is what the receiver granted in the bind. A value below [`MIN_FRAGMENT`] counts as that: every
/// receiver must accept fragments of this size. All parts but the last are multiples of eight bytes (C706 12.6.2), and
/// an empty stub is one empty fragment.
///
/// ```
/// use netsession_proto::rpce::fragments;
///
/// let stub = [0; 10_000];
/// let pdus: Vec<_> = fragments(&stub, 4280).map(|part| part.request(2, 0, 12).encode()).collect();
/// assert_eq!(pdus.iter().map(Vec::len).collect::<Vec<_>>(), [4280, 4280, 1512]);
/// ```
pub fn fragments(stub: &[u8], max_frag: u16) -> impl Iterator<Item = Fragment<'_>> {
    // Request and response have headers of the same length.
    const { assert!(Request::FIXED == Response::FIXED) };
    let room = usize::from(max_frag.max(MIN_FRAGMENT)).saturating_sub(Request::FIXED) & !0x7;
    let whole_length = stub.len();
    let mut rest = Some(stub);
    std::iter::from_fn(move || {
        let left = rest?;
        let (stub, after) =
            left.split_at_checked(room).filter(|(_, after)| !after.is_empty()).unwrap_or((left, &[]));
        let first = left.len() == whole_length;
        rest = Some(after).filter(|after| !after.is_empty());
        Some(Fragment { first, last: rest.is_none(), alloc_hint: to_u32(left.len()), stub })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_stub_is_one_fragment() {
        let parts: Vec<_> = fragments(&[], 5840).collect();
        assert_eq!(parts, [Fragment { first: true, last: true, alloc_hint: 0, stub: &[] }]);
    }

    #[test]
    fn a_grant_of_nothing_does_not_loop() {
        assert_eq!(fragments(&[0; 3000], 0).count(), 3);
    }

    proptest! {
        #[test]
        fn the_parts_are_the_whole(stub in proptest::collection::vec(any::<u8>(), 0..20_000), max: u16) {
            let parts: Vec<_> = fragments(&stub, max).collect();
            let mut joined = Vec::new();
            for (index, part) in parts.iter().enumerate() {
                prop_assert_eq!(part.first, index == 0);
                prop_assert_eq!(part.last, index + 1 == parts.len());
                prop_assert_eq!(part.alloc_hint as usize, stub.len() - joined.len());
                prop_assert!(part.last || part.stub.len() % 8 == 0);
                let request = part.request(1, 0, 12);
                let bytes = request.encode();
                prop_assert!(bytes.len() <= usize::from(max.max(MIN_FRAGMENT)));
                prop_assert_eq!(Request::decode(&bytes), Ok(request));
                let response = part.response(1, 0);
                let bytes = response.encode();
                prop_assert_eq!(Response::decode(&bytes), Ok(response));
                joined.extend_from_slice(part.stub);
            }
            prop_assert_eq!(joined, stub);
        }
    }
}
