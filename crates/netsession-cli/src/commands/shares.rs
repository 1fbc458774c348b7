//! `netsession shares`: the shares of servers.

use anyhow::Result;
use clap::Args;
use netsession::{Share, ShareListing, Shares};

use crate::args::{self, AskArgs, Format};
use crate::output::{Column, PartialSums, Row, Rows, Totals, Value, columns_help};
use crate::shell::ServerCommand;
use crate::text::count;

const EXAMPLES: &str = "\
Examples:
  netsession shares fs1                       the shares, and how many use them
  netsession shares --columns server,name,path --no-header @all
                                              every shared path, for a script
  netsession shares --sort -current_users fs1 most used first";

/// List the shares of servers, and how many users are connected to each
///
/// Every user may list names, types and comments (level 1); paths and numbers of users (level 2) need the right
/// that listing sessions needs.
#[derive(Debug, Args)]
#[command(
    mut_arg("format", Format::of_rows),
    after_help = EXAMPLES,
    after_long_help = args::after_long_help(EXAMPLES, &columns_help::<ShareRow>())
)]
pub(crate) struct SharesArgs {
    #[command(flatten)]
    ask: AskArgs,
}

impl ServerCommand for SharesArgs {
    type Question = Shares;
    type Row = ShareRow;

    fn ask_args(&self) -> &AskArgs {
        &self.ask
    }

    fn question(&self) -> Result<Shares> {
        Ok(Shares)
    }

    fn rows(_: &str, listing: ShareListing) -> Rows<ShareRow> {
        let (level, memory) = (listing.level(), listing.memory());
        let rows: Vec<_> = listing.into_iter().map(|share| ShareRow { level, share }).collect();
        Rows { remark: Some(format!("level {level}")), memory, ..rows.into() }
    }
}

/// A share.
#[derive(Debug)]
pub(crate) struct ShareRow {
    level: u32,
    share: Share,
}

type ShareColumn = Column<ShareRow>;

impl Row for ShareRow {
    type Totals = ShareTotals;

    const COLUMNS: &'static [ShareColumn] = &[
        ShareColumn::new("level", "LEVEL", |row| i64::from(row.level).into()).number(),
        ShareColumn::new("name", "NAME", |row| row.share.name().into()).at_least(15).always(),
        ShareColumn::new("type", "TYPE", |row| row.share.kind().as_str().into()).always(),
        ShareColumn::new("hidden", "HIDDEN", |row| Value::Bool(row.share.is_hidden())),
        ShareColumn::new("comment", "COMMENT", |row| row.share.comment().into()).optional(),
        ShareColumn::new("path", "PATH", |row| row.share.path().into()).at_least(20).if_known(),
        ShareColumn::new("current_users", "USERS", |row| row.share.current_users().map(i64::from).into())
            .alias("users")
            .number(),
        ShareColumn::new("max_users", "MAX", |row| row.share.max_users().map(i64::from).into())
            .alias("max")
            .number(),
    ];
    const TABLE: &'static [&'static str] = &["name", "type", "current_users", "max_users", "path", "comment"];

    /// By name.
    fn sort(rows: &mut [Self]) {
        rows.sort_by_cached_key(|row| row.share.name().to_lowercase());
    }
}

/// How many shares there are, and how many connections to them.
#[derive(Debug, Default)]
pub(crate) struct ShareTotals {
    shares: usize,
    users: u64,
    without_users: usize,
}

impl Totals<ShareRow> for ShareTotals {
    fn add(&mut self, row: &ShareRow) {
        self.shares = self.shares.saturating_add(1);
        match row.share.current_users() {
            Some(users) => self.users = self.users.saturating_add(users.into()),
            None => self.without_users = self.without_users.saturating_add(1),
        }
    }

    fn text(&self, partial: PartialSums) -> Option<String> {
        let shares = count(self.shares, "share");
        let users = count(self.users, "connection");
        Some(match (self.without_users, partial) {
            (0, _) => format!("{shares}, {users}"),
            (_, PartialSums::AtLeast) => format!("{shares}, at least {users}"),
            (_, PartialSums::Omit) => shares,
        })
    }
}
