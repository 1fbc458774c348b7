//! One process records. The lock is on a file beside the store: the store itself is another file after it was
//! rewritten.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek as _, Write as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use super::path::{beside, check, create_or_open, give_owner_of, io_error};
use crate::error::{Error, Holder};
use crate::seconds::{from_time, to_time};

/// A reader holds the lock for a moment, to see whether a process records.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// The right to write, until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    // Held open: where the process is killed, the system releases the lock with it.
    file: File,
}

impl Lock {
    pub(crate) fn take(path: &Path) -> Result<Self, Error> {
        let lock = beside(path, ".lock");
        let is_new = !check(&lock)?;
        let mut file = create_or_open(&lock).map_err(io_error(&lock, "open"))?;
        if is_new {
            give_owner_of(path, &file);
        }
        for attempt in 1.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempt < TRIES => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::InUse { path: path.into(), holder: read_holder(&mut file) });
                }
                Err(TryLockError::Error(error)) => return Err(io_error(&lock, "lock")(error)),
            }
        }
        // Only for the text of an error: a full disk is no reason to fail.
        let text = format!("{}\n{}\n{}\n", std::process::id(), from_time(SystemTime::now()), host_name());
        drop(file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes())));
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // To close it is not enough: a child of this process has it, too, from its fork to its exec.
        drop(self.file.unlock());
    }
}

/// The process that records, if one does.
pub(crate) fn find_holder(path: &Path) -> Option<Holder> {
    // A store that was copied, or that lies on media that cannot be written, has none.
    let mut file = OpenOptions::new().read(true).open(beside(path, ".lock")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(read_holder(&mut file)),
        Ok(()) => {
            // As in the drop of a `Lock`.
            drop(file.unlock());
            None
        }
        Err(TryLockError::Error(_)) => None,
    }
}

fn read_holder(file: &mut File) -> Holder {
    let mut text = String::new();
    // On Windows a locked file cannot be read; the error names no process then.
    drop(file.rewind());
    drop(Read::by_ref(file).take(1024).read_to_string(&mut text));
    let mut lines = text.lines();
    let mut next = || lines.next().filter(|line| !line.is_empty());
    Holder {
        pid: next().and_then(|pid| pid.parse().ok()),
        since: next().and_then(|since| since.parse().ok()).map(to_time),
        host: next().map(str::to_owned),
    }
}

fn host_name() -> String {
    let linux = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name =
        linux.or_else(|| std::env::var("HOSTNAME").ok()).or_else(|| std::env::var("COMPUTERNAME").ok());
    name.unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_ends_with_its_drop_although_a_child_still_has_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("history");
        let lock = Lock::take(&store).unwrap();
        assert!(find_holder(&store).is_some());
        let of_child = lock.file.try_clone().unwrap();
        drop(lock);
        assert!(find_holder(&store).is_none());
        drop(of_child);
    }
}
