use super::{Paging, Progress};
use crate::client::Refusal;

/// Who applies the filter of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filtering {
    /// The filter is sent, and applied again to what the server lists.
    Both,
    /// The server found nothing, but may write clients and users in another way than the filter: it is asked for all.
    Here,
    /// It then refused to list all: nothing was found.
    Refused,
}

impl Filtering {
    /// The server listed nothing, or nothing more. Where it was nothing at all, it is asked once more without the filter,
    /// if one was sent: Windows compares the texts, so that a user `bob` is not the `HGLAB+bob` that it lists. After a page
    /// with entries the filter has found what there was: the rest has gone meanwhile.
    pub(super) fn nothing_listed<T>(&mut self, is_sent: bool, paging: &mut Paging) -> Progress<T> {
        if *self != Self::Both || !is_sent || !paging.is_empty() {
            return Progress::Done(Vec::new());
        }
        tracing::debug!("nothing listed with the filter, asking without it");
        *self = Self::Here;
        *paging = paging.restarted();
        Progress::Ask(Vec::new())
    }

    /// The server refused the first page. Where that was without the filter, the level was given a moment ago: what is
    /// refused is the whole list, and the answer before stands.
    pub(super) fn refused<T>(&mut self, refusal: Refusal) -> Option<Progress<T>> {
        if *self != Self::Here {
            return None;
        }
        tracing::debug!(%refusal, "refused without the filter");
        *self = Self::Refused;
        Some(Progress::Done(Vec::new()))
    }
}
