use netsession_proto::query::EnumQuery;
use netsession_proto::srvs::{InfoLevel as _, ShareEnumRequest, ShareInfo, ShareLevel};

use crate::client_method::client_method;
use crate::collected::{Collected, HasTexts};
use crate::error::Error;
use crate::memory_budget::MemoryShare;
use crate::question::{Ask, Circumstances, Question, Target};

/// The query for the shares of a server, for [`Client::ask`](crate::blocking::Client::ask) and `Fleet`.
///
/// Administrators get paths and numbers of users (level 2), every other user names and comments (level 1).
/// Specification: \[MS-SRVS\] 3.1.4.8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shares;

client_method!(
    /// The shares of the server.
    shares, Shares, ShareListing
);

/// The shares of one server, in the server's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareListing {
    server: String,
    level: ShareLevel,
    shares: Vec<Share>,
    memory: MemoryShare,
}

/// A share of a server. Fields that the level of the listing does not carry are `None`.
///
/// The texts come from the server, unchecked: escape control characters before they reach a terminal.
/// Specification: \[MS-SRVS\] 2.2.4.23, 2.2.4.24.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share(ShareInfo);

/// What a share shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ShareType {
    /// A folder.
    Disk,
    /// A print queue.
    Printer,
    /// A communication device.
    Device,
    /// Named pipes: `IPC$`.
    Ipc,
}

impl ShareType {
    /// Its name: `disk`, `printer`, `device` or `ipc`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Printer => "printer",
            Self::Device => "device",
            Self::Ipc => "ipc",
        }
    }
}

impl ShareListing {
    /// The server, as [`Client::server`](crate::blocking::Client::server) has it.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The level whose fields the shares have: 2, or 1.
    #[must_use]
    pub fn level(&self) -> u32 {
        self.level.number()
    }

    /// The memory that the shares take, of the budget of all answers: keep it as long as the shares.
    #[must_use]
    pub fn memory(&self) -> MemoryShare {
        self.memory.clone()
    }

    /// All shares.
    #[must_use]
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }
}

impl IntoIterator for ShareListing {
    type Item = Share;
    type IntoIter = std::vec::IntoIter<Share>;

    fn into_iter(self) -> Self::IntoIter {
        self.shares.into_iter()
    }
}

impl<'a> IntoIterator for &'a ShareListing {
    type Item = &'a Share;
    type IntoIter = std::slice::Iter<'a, Share>;

    fn into_iter(self) -> Self::IntoIter {
        self.shares.iter()
    }
}

impl Share {
    /// STYPE_ bits of \[MS-SRVS\] 2.2.2.4 that say what is shared. The rest are marks: of a cluster, temporary, special.
    const TYPE_MASK: u32 = 0x3;

    /// A share as the server lists it. Not a `From`: that would be public, and the protocol crate is not.
    pub(crate) fn from_wire(info: ShareInfo) -> Self {
        Self(info)
    }

    /// The name, such as `projects`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What it shares. The marks of a cluster share are disregarded.
    #[must_use]
    pub fn kind(&self) -> ShareType {
        match self.0.kind & Self::TYPE_MASK {
            0 => ShareType::Disk,
            1 => ShareType::Printer,
            2 => ShareType::Device,
            _ => ShareType::Ipc,
        }
    }

    /// Whether it is left out where a user browses the server: its name ends with `$`.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.0.name.ends_with('$')
    }

    /// The comment.
    #[must_use]
    pub fn comment(&self) -> &str {
        &self.0.comment
    }

    /// The path on the server, such as `D:\projects`. Samba invents the drive letter.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Connections to it now.
    #[must_use]
    pub fn current_users(&self) -> Option<u32> {
        self.0.current_uses
    }

    /// Maximum connections; `None` if there is no limit, or the level does not carry it.
    #[must_use]
    pub fn max_users(&self) -> Option<u32> {
        self.0.max_uses.filter(|uses| *uses != u32::MAX)
    }
}

impl HasTexts for Share {
    fn text_bytes(&self) -> usize {
        let texts = [Some(&self.0.name), Some(&self.0.comment), self.0.path.as_ref()];
        texts.into_iter().flatten().map(String::capacity).sum()
    }
}

impl Question for Shares {
    type Answer = ShareListing;
}

impl Ask for Shares {
    type Query = EnumQuery<ShareEnumRequest>;
    type Output = ShareListing;
    type Found = Collected<Share>;

    fn query(&self, target: &Target) -> Result<Self::Query, Error> {
        let call = ShareEnumRequest { server: target.unc.clone(), ..ShareEnumRequest::new(ShareLevel::L2) };
        Ok(EnumQuery::new(call, target.limits))
    }

    fn held_bytes(found: &Self::Found) -> usize {
        found.held_bytes()
    }

    fn charge(found: &mut Self::Found, share: MemoryShare) {
        found.charge(share);
    }

    fn collect(found: &mut Self::Found, items: Vec<ShareInfo>) {
        found.extend(items.into_iter().map(Share::from_wire));
    }

    fn answer(&self, query: &Self::Query, found: Self::Found, circumstances: Circumstances) -> ShareListing {
        let (shares, memory) = found.into_parts();
        ShareListing { server: circumstances.server.to_string(), level: query.level(), shares, memory }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_a_share_do_not_hide_its_type() {
        for (kind, shown) in [
            (0, ShareType::Disk),
            (0x8000_0000, ShareType::Disk),
            (0x0200_0000, ShareType::Disk),
            (0x0800_0001, ShareType::Printer),
            (0x4000_0002, ShareType::Device),
            (0x8000_0003, ShareType::Ipc),
        ] {
            let share = Share::from_wire(ShareInfo { kind, ..ShareInfo::default() });
            assert_eq!(share.kind(), shown, "{kind:#x}");
        }
    }

    #[test]
    fn no_limit_is_no_number() {
        let share = |max_uses| Share::from_wire(ShareInfo { max_uses, ..ShareInfo::default() });
        assert_eq!(share(Some(u32::MAX)).max_users(), None);
        assert_eq!(share(Some(10)).max_users(), Some(10));
    }
}
