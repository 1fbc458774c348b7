use super::container;
use super::fixed_parts::FixedParts;
use super::response::SessionEnumResponse;
use crate::ndr::NdrReader;
use crate::srvs::enumeration::EnumEnd;
use crate::srvs::{Level, ResponseError, SessionInfo};
use crate::wire::{DecodeError, Problem};

/// Reads a long answer while it comes in, so that it never has to be held as a whole.
///
/// NDR puts the fixed parts of all entries first, and then their strings (C706 14.3.12.3): the fixed parts are held,
/// 32 bytes of an entry at most, and each is freed with its strings. Reads the same as
/// [`SessionEnumResponse::decode`].
#[derive(Debug, Clone)]
pub struct SessionStream {
    level: Level,
    max_entries: usize,
    /// Bytes that have been read and taken out.
    position: usize,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    /// Nothing has been read.
    Beginning,
    /// No answer with entries, or an irregular one: to be read as a whole.
    Whole,
    /// In the fixed parts; some bytes of them are left.
    Fixed { left: usize, entries: Entries },
    /// In the strings.
    Strings(Entries),
}

#[derive(Debug, Clone)]
struct Entries {
    fixed: FixedParts,
    left: usize,
}

/// Level, tag, pointer, EntriesRead, pointer, maximum count.
const HEADER: usize = 6 * 4;

impl SessionStream {
    /// At the start of an answer to a question for `level`, of `max_entries` sessions at most.
    #[must_use]
    pub fn new(level: Level, max_entries: usize) -> Self {
        Self { level, max_entries, position: 0, state: State::Beginning }
    }

    /// Bytes of the stub that are held here.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        match &self.state {
            State::Beginning | State::Whole => 0,
            State::Fixed { entries, .. } | State::Strings(entries) => entries.fixed.held_bytes(),
        }
    }

    /// Takes out of the front of `stub` what can be read, and gives the sessions that are complete.
    ///
    /// # Errors
    /// The stub is malformed, or has too many entries.
    pub fn read(&mut self, stub: &mut Vec<u8>) -> Result<Vec<SessionInfo>, ResponseError> {
        if matches!(self.state, State::Beginning) {
            self.begin(stub)?;
        }
        self.take_fixed(stub);
        let (sessions, read) = self.take_strings(stub)?;
        self.take_out(stub, read);
        Ok(sessions)
    }

    /// The response, with the sessions that [`read`](Self::read) has not given, by the end of the stub.
    ///
    /// # Errors
    /// As [`read`](Self::read); or the stub ends too early.
    pub fn finish(mut self, rest: &[u8]) -> Result<SessionEnumResponse, ResponseError> {
        let mut rest = rest.to_vec();
        self.take_fixed(&mut rest);
        let (sessions, read) = self.take_strings(&rest)?;
        let mut reader =
            NdrReader::after(self.position.saturating_add(read), rest.get(read..).unwrap_or_default());
        match &self.state {
            State::Strings(Entries { left: 0, .. }) => {
                Ok(SessionEnumResponse::decode_end(self.level, sessions, &mut reader)?)
            }
            State::Strings(entries) => {
                // Says what is missing.
                container::decode_entry(
                    self.level,
                    &mut NdrReader::new(&entries.fixed.first()),
                    &mut reader,
                )?;
                Err(DecodeError::wrong("Buffer", self.position, "ends within an entry").into())
            }
            State::Fixed { left, entries } => {
                let needed = entries.left.saturating_mul(container::fixed_size(self.level));
                let problem = Problem::Truncated { needed, left: needed.saturating_sub(*left) };
                Err(DecodeError { field: "Buffer", offset: HEADER, problem }.into())
            }
            State::Beginning | State::Whole => {
                SessionEnumResponse::decode(&rest, self.level, self.max_entries)
            }
        }
    }

    /// Reads what stands in front of the entries. What is irregular is left for the decoder of whole answers, which
    /// has the rules for it.
    fn begin(&mut self, stub: &mut Vec<u8>) -> Result<(), ResponseError> {
        // A shorter answer can be an error without a body.
        if stub.len() <= EnumEnd::LONGEST_EMPTY {
            return Ok(());
        }
        let mut reader = NdrReader::new(stub);
        let level = self.level.number();
        let is_regular = reader.u32("Level")? == level
            && reader.u32("SessionInfo tag")? == level
            && reader.pointer("SessionInfo")?;
        let entries_read = reader.count("EntriesRead")?;
        let is_regular = is_regular && reader.pointer("Buffer")?;
        let count = reader.count("Buffer")?;
        if !is_regular || count != entries_read || count == 0 {
            self.state = State::Whole;
            return Ok(());
        }
        if count > self.max_entries {
            return Err(ResponseError::TooManyEntries { limit: self.max_entries });
        }
        let size = container::fixed_size(self.level);
        let entries = Entries { fixed: FixedParts::new(size), left: count };
        self.state = State::Fixed { left: count.saturating_mul(size), entries };
        self.take_out(stub, HEADER);
        Ok(())
    }

    fn take_fixed(&mut self, stub: &mut Vec<u8>) {
        let State::Fixed { left, entries } = &mut self.state else { return };
        let piece = if stub.len() <= *left {
            std::mem::take(stub)
        } else {
            let strings = stub.split_off(*left);
            std::mem::replace(stub, strings)
        };
        *left = left.saturating_sub(piece.len());
        self.position = self.position.saturating_add(piece.len());
        let is_over = *left == 0;
        entries.fixed.push(piece);
        if is_over && let State::Fixed { entries, .. } = std::mem::replace(&mut self.state, State::Whole) {
            self.state = State::Strings(entries);
        }
    }

    /// The sessions whose strings are all there, and how many bytes those are.
    fn take_strings(&mut self, stub: &[u8]) -> Result<(Vec<SessionInfo>, usize), ResponseError> {
        let mut sessions = Vec::new();
        let mut read = 0;
        let State::Strings(entries) = &mut self.state else { return Ok((sessions, read)) };
        while entries.left > 0 {
            let rest = stub.get(read..).unwrap_or_default();
            let base = self.position.saturating_add(read);
            let fixed = entries.fixed.first();
            // First without looking at the text: a long string may come in many pieces.
            match container::skip_entry(
                self.level,
                &mut NdrReader::new(&fixed),
                &mut NdrReader::after(base, rest),
            ) {
                Err(DecodeError { problem: Problem::Truncated { .. }, .. }) => break,
                checked => checked?,
            }
            let mut strings = NdrReader::after(base, rest);
            let session = container::decode_entry(self.level, &mut NdrReader::new(&fixed), &mut strings)?;
            sessions.push(session);
            entries.fixed.pop();
            entries.left = entries.left.saturating_sub(1);
            read = strings.position().saturating_sub(self.position);
        }
        Ok((sessions, read))
    }

    fn take_out(&mut self, stub: &mut Vec<u8>, bytes: usize) {
        if bytes == 0 {
            return;
        }
        // Not `drain`, which would keep the capacity of what has been read.
        *stub = stub.get(bytes..).unwrap_or_default().to_vec();
        self.position = self.position.saturating_add(bytes);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::erref::Win32Error;

    fn session(index: usize) -> SessionInfo {
        SessionInfo {
            client: format!(r"\\10.0.{}.{index}", index % 3),
            user: Some("é".repeat(index % 7)),
            opens: Some(u32::try_from(index).unwrap()),
            time: Some(7),
            idle_time: Some(3),
            flags: Some(1),
            client_type: Some(String::new()),
            transport: Some(r"\Device\NetbiosSmb".into()),
        }
    }

    fn stub(level: Level, count: usize) -> Vec<u8> {
        let sessions = (0..count).map(|index| session(index).reduced_to(level)).collect();
        let code = Win32Error::MORE_DATA;
        SessionEnumResponse { level, sessions, total_entries: 9, resume: Some(4), code }.encode()
    }

    /// What comes of the stub in pieces of these sizes, the last of which repeats.
    fn streamed(
        stub: &[u8],
        level: Level,
        max_entries: usize,
        sizes: &[usize],
    ) -> Result<SessionEnumResponse, ResponseError> {
        let mut stream = SessionStream::new(level, max_entries);
        let (mut rest, mut held, mut sessions) = (stub, Vec::new(), Vec::new());
        let mut sizes = sizes.iter().copied().chain(std::iter::repeat(*sizes.last().unwrap()));
        while rest.len() > 16 {
            let (piece, after) = rest.split_at(sizes.next().unwrap().clamp(1, rest.len()));
            held.extend_from_slice(piece);
            sessions.extend(stream.read(&mut held)?);
            rest = after;
        }
        held.extend_from_slice(rest);
        let mut response = stream.finish(&held)?;
        sessions.append(&mut response.sessions);
        Ok(SessionEnumResponse { sessions, ..response })
    }

    #[test]
    fn in_pieces_it_is_the_same() {
        for level in Level::ALL {
            for count in [0, 1, 2, 50] {
                let stub = stub(level, count);
                let whole = SessionEnumResponse::decode(&stub, level, 50);
                assert!(whole.is_ok());
                for size in [1, 2, 3, 7, 31, 64, 500, 100_000] {
                    assert_eq!(streamed(&stub, level, 50, &[size]), whole, "{level} {count} {size}");
                }
            }
        }
    }

    #[test]
    fn too_many_entries_are_refused_before_they_come() {
        let stub = stub(Level::L502, 51);
        let mut stream = SessionStream::new(Level::L502, 50);
        let refused = stream.read(&mut stub[..64].to_vec());
        assert_eq!(refused, Err(ResponseError::TooManyEntries { limit: 50 }));
    }

    #[test]
    fn little_is_held() {
        const COUNT: usize = 10_000;
        let stub = stub(Level::L502, COUNT);
        let mut stream = SessionStream::new(Level::L502, COUNT);
        let (mut held, mut most) = (Vec::new(), 0);
        for piece in stub.chunks(4096) {
            held.extend_from_slice(piece);
            stream.read(&mut held).unwrap();
            most = most.max(stream.held_bytes() + held.len());
        }
        assert!(most < COUNT * 32 + (64 << 10), "{most} of {}", stub.len());
        assert!(stream.held_bytes() + held.len() < 8192, "{stream:?}");
    }

    /// A string that comes in many pieces is looked at once: else a server would buy hours with a few bytes.
    #[test]
    fn long_strings_cost_their_length_once() {
        let long = SessionInfo { client: "x".repeat(4 << 20), ..session(1) };
        let answer = SessionEnumResponse {
            level: Level::L502,
            sessions: vec![SessionInfo { user: Some("y".repeat(4 << 20)), ..long }],
            total_entries: 1,
            resume: None,
            code: Win32Error::SUCCESS,
        };
        assert_eq!(streamed(&answer.encode(), Level::L502, 1, &[64 << 10]), Ok(answer));
    }

    proptest! {
        /// Damaged anywhere and cut anywhere: the same answer or the same error as from the whole.
        #[test]
        fn damage_is_the_same_error(
            level in prop::sample::select(Level::ALL.to_vec()),
            at in any::<prop::sample::Index>(),
            bits in any::<u8>(),
            length in any::<prop::sample::Index>(),
            is_cut in any::<bool>(),
            sizes in prop::collection::vec(1_usize..200, 1..8),
        ) {
            let mut stub = stub(level, 6);
            let at = at.index(stub.len());
            stub[at] ^= bits;
            if is_cut {
                stub.truncate(length.index(stub.len()));
            }
            let whole = SessionEnumResponse::decode(&stub, level, usize::MAX);
            prop_assert_eq!(streamed(&stub, level, usize::MAX, &sizes), whole);
        }
    }
}
