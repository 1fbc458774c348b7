/// How much a client may have under way (\[MS-SMB2\] 3.3.1.1, without the window of message numbers).
#[derive(Debug)]
pub(super) struct Credits {
    held: u32,
    max: u32,
}

impl Credits {
    pub(super) fn new(max: u16) -> Self {
        Self { held: 1, max: u32::from(max.max(1)) }
    }

    /// Takes what a request costs; `false` where the client does not have it.
    #[must_use]
    pub(super) fn spend(&mut self, charge: u16) -> bool {
        match self.held.checked_sub(u32::from(charge.max(1))) {
            Some(left) => {
                self.held = left;
                true
            }
            None => false,
        }
    }

    /// What a reply grants of what was asked for: at least one to a client that has none.
    pub(super) fn grant(&mut self, asked: u16) -> u16 {
        let room = self.max.saturating_sub(self.held);
        let least = u16::from(self.held == 0);
        let granted = asked.max(1).min(u16::try_from(room).unwrap_or(u16::MAX)).max(least);
        self.held = self.held.saturating_add(u32::from(granted));
        granted
    }
}
