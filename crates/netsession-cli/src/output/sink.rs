use std::io::{self, ErrorKind, Write};

/// Where the data goes. A reader that has gone away is no error: what follows is dropped.
pub(crate) struct Sink<'a> {
    writer: &'a mut dyn Write,
    is_closed: bool,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(writer: &'a mut dyn Write) -> Self {
        Self { writer, is_closed: false }
    }

    /// Whether the reader has gone away.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        match self.writer.write_all(bytes).and_then(|()| self.writer.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(())
            }
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        let mut pipe = Failing(ErrorKind::BrokenPipe);
        let mut sink = Sink::new(&mut pipe);
        assert!(sink.write(b"x").is_ok() && sink.write(b"y").is_ok());
    }

    #[test]
    fn a_full_disk_is_one() {
        let mut disk = Failing(ErrorKind::StorageFull);
        assert!(Sink::new(&mut disk).write(b"x").is_err());
    }
}
