use std::io;

/// A read buffer. It takes no heap memory while the connection waits; it allocates once an answer is larger than the
/// piece on the stack.
#[derive(Default)]
pub(super) struct Buffer(Vec<u8>);

impl Buffer {
    /// On the stack, during one read.
    const SMALL: usize = 16 << 10;
    const LARGE: usize = 256 << 10;

    /// Reads once, and hands over what has come; how many bytes that was.
    pub(super) fn read(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
        take: impl FnOnce(&[u8]),
    ) -> io::Result<usize> {
        let mut small = [0; Self::SMALL];
        let space = if self.0.is_empty() { &mut small[..] } else { &mut self.0[..] };
        let count = read(space)?;
        if count > 0 {
            take(space.get(..count).unwrap_or(space));
        }
        if count >= Self::SMALL && self.0.is_empty() {
            self.0.resize(Self::LARGE, 0);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_once_it_has_been_too_small() {
        let mut buffer = Buffer::default();
        let mut spaces = Vec::new();
        for count in [3, Buffer::SMALL, 5, Buffer::LARGE] {
            let read = |space: &mut [u8]| {
                spaces.push(space.len());
                space[..3].copy_from_slice(b"abc");
                Ok(count)
            };
            let take = |bytes: &[u8]| assert!(bytes.len() == count && bytes.starts_with(b"abc"));
            assert_eq!(buffer.read(read, take).unwrap(), count);
        }
        assert_eq!(spaces, [Buffer::SMALL, Buffer::SMALL, Buffer::LARGE, Buffer::LARGE]);
    }

    #[test]
    fn nothing_is_taken_of_a_read_that_failed() {
        let read = |_: &mut [u8]| Err(io::ErrorKind::ConnectionReset.into());
        assert!(Buffer::default().read(read, |_| panic!("nothing has come")).is_err());
    }
}
