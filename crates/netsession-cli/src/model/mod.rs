//! What several rooms share: accounts, servers, and what the configuration says. It knows no other room but `text`.

pub(crate) mod account;
mod configuration;
mod requirements;
pub(crate) mod server;

pub(crate) use configuration::{
    Configuration, ExporterSection, GroupMember, HistoryKeys, LoginSource, NamedCredentials, PasswordSource,
    PatternRule, ServerEntry,
};
pub(crate) use requirements::Requirements;
