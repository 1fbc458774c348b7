use crate::error::Error;

/// Whether a store can be written. Says once that it cannot, and once that it can be again: the same problem comes back
/// with each try.
#[derive(Debug, Default)]
pub struct WriteStatus {
    is_failing: bool,
    was_full: bool,
}

impl WriteStatus {
    /// Takes the result of a write, and returns what to tell.
    pub fn update(&mut self, written: Result<(), Error>) -> Option<String> {
        // The system may say it in several ways, by the place in which the space is missing.
        let was_failing = std::mem::replace(&mut self.is_failing, written.is_err());
        match written {
            Err(error) if !was_failing => {
                let advice = if error.is_disk_full() { "the disk is full" } else { "will be tried again" };
                Some(format!(
                    "{error}: {advice}; what servers answer is kept in memory until it can be written"
                ))
            }
            Ok(()) if was_failing => Some("the store is written again: nothing is lost".into()),
            _ => None,
        }
    }

    /// Takes [`Recorder::is_full`](crate::Recorder::is_full), and returns what to tell: once, because it comes and goes
    /// where the store is nearly full.
    pub fn update_size(&mut self, is_full: bool) -> Option<&'static str> {
        let was_full = self.was_full;
        self.was_full |= is_full;
        (is_full && !was_full).then_some(
            "what is connected now takes more than the maximum size of the store: it is kept, and nothing of what has \
             ended; allow the store more",
        )
    }

    /// Whether the last write failed, so that something is in memory alone.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.is_failing
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn problem_is_told_once_and_its_end_once() {
        let full = |action| {
            let source = io::ErrorKind::StorageFull.into();
            Err(Error::Io { action, path: "store".into(), source })
        };
        let mut status = WriteStatus::default();
        assert_eq!(status.update(Ok(())), None);
        let told = status.update(full("write")).unwrap();
        assert!(told.starts_with("cannot write store: ") && told.contains(": the disk is full; "), "{told}");
        assert_eq!((status.update(full("open")), status.is_failing()), (None, true));
        assert_eq!(status.update(Ok(())).unwrap(), "the store is written again: nothing is lost");
        assert_eq!((status.update(Ok(())), status.is_failing()), (None, false));
    }
}
