//! Erasures that another process asks of the one that records: files beside the store.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::lock::find_holder;
use super::path::{beside, create, give_owner_of, io_error};
use crate::error::Error;

const ASKED: &str = ".forget-";
const DONE: &str = "-done";
const POLL: Duration = Duration::from_millis(50);

/// A user to be erased.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) user: String,
    path: PathBuf,
}

impl Request {
    /// Tells the other process, and takes the request back.
    pub(crate) fn answer(self, erased: u64) {
        // The other process may have given up and removed it.
        let done = beside(&self.path, DONE);
        if fs::write(&self.path, erased.to_string()).and_then(|()| fs::rename(&self.path, done)).is_err() {
            drop(fs::remove_file(&self.path));
        }
    }

    /// Removes it without an answer.
    pub(crate) fn take_back(self) {
        drop(fs::remove_file(&self.path));
    }
}

/// The requests for a store.
pub(crate) fn find_requests(path: &Path) -> Vec<Request> {
    let read = |path: PathBuf| match fs::read_to_string(&path) {
        Ok(user) => Some(Request { user, path }),
        // Taken back.
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            // Who asks notices that, and the name does not stay.
            if fs::remove_file(&path).is_ok() {
                tracing::warn!("a request to erase a user cannot be read: {}: {error}", path.display());
            }
            None
        }
    };
    request_files(path).into_iter().filter(|path| !is_done(path)).filter_map(read).collect()
}

/// Answers that were never read.
pub(crate) fn remove_answers(path: &Path) {
    for path in request_files(path).into_iter().filter(|path| is_done(path)) {
        drop(fs::remove_file(path));
    }
}

fn is_done(path: &Path) -> bool {
    path.to_string_lossy().ends_with(DONE)
}

fn request_files(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = format!("{}{ASKED}", path.file_name().unwrap_or_default().to_string_lossy());
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
        .map(|entry| entry.path())
        .collect()
}

/// Asks the process that records to erase a user, and waits. `None`: no process records any more.
pub(crate) fn ask(path: &Path, user: &str, patience: Duration) -> Result<Option<u64>, Error> {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos());
    let request = beside(path, &format!("{ASKED}{}-{nanos}", std::process::id()));
    // Whole when it has its name.
    let part = beside(path, &format!(".part-{}-{nanos}", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = create(&part)?;
        give_owner_of(path, &file);
        io::Write::write_all(&mut file, user.as_bytes())?;
        fs::rename(&part, &request)
    };
    write().map_err(|error| {
        drop(fs::remove_file(&part));
        io_error(&request, "write")(error)
    })?;
    let done = beside(&request, DONE);
    let begun = Instant::now();
    loop {
        if let Ok(answer) = fs::read_to_string(&done) {
            drop(fs::remove_file(&done));
            return Ok(Some(answer.trim().parse().unwrap_or(0)));
        }
        let Some(holder) = find_holder(path) else {
            drop(fs::remove_file(&request));
            // It may have answered with its last breath.
            let answer = fs::read_to_string(&done).ok();
            drop(fs::remove_file(&done));
            return Ok(answer.map(|answer| answer.trim().parse().unwrap_or(0)));
        };
        if !request.exists() && !done.exists() {
            return Err(Error::Unreadable { holder });
        }
        if begun.elapsed() > patience {
            return Err(Error::Unanswered { holder });
        }
        thread::sleep(POLL);
    }
}
