/// What is read at once. Used over and over; it grows once, when the server has more to say than fits.
#[derive(Default)]
pub(super) struct Buffer(Vec<u8>);

impl Buffer {
    const SMALL: usize = 16 << 10;
    const LARGE: usize = 256 << 10;

    /// Room for the next read.
    pub(super) fn space(&mut self) -> &mut [u8] {
        if self.0.is_empty() {
            self.0.resize(Self::SMALL, 0);
        }
        &mut self.0
    }

    /// The bytes that the last read has brought.
    pub(super) fn filled(&mut self, count: usize) -> &[u8] {
        if count >= self.0.len() && count < Self::LARGE {
            self.0.resize(Self::LARGE, 0);
        }
        self.0.get(..count).unwrap_or(&self.0)
    }
}
