use netsession_proto::smb2::split;

/// Each message of a frame; the whole of it where it is no compound.
pub(super) fn for_each_message(frame: &mut [u8], mut act: impl FnMut(&mut [u8])) {
    let lengths: Vec<usize> = match split(frame) {
        Ok(messages) => messages.iter().map(|message| message.len()).collect(),
        Err(_) => vec![frame.len()],
    };
    let mut rest = frame;
    for length in lengths {
        let (message, after) = rest.split_at_mut(length.min(rest.len()));
        act(message);
        rest = after;
    }
}

/// Writes bytes over others, as far as there are any.
pub(crate) fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    bytes.iter_mut().skip(at).zip(with).for_each(|(to, from)| *to = *from);
}
