use clap::{Args, ValueEnum};

/// What is shown, and how.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Output format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,

    /// Columns to show, in this order: client,user,idle
    ///
    /// Names as in JSON; what they are stands under Columns. In JSON these are the keys. A table with the column
    /// `server` is one table for all servers.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) columns: Option<Vec<String>>,

    /// Columns to sort by, those with - in front in descending order: idle,-connected
    ///
    /// Sorts the rows of all servers, so that jsonl and csv are written when the last server has answered; a table
    /// for each server is sorted by itself. Rows without a value come last.
    #[arg(long, value_name = "[-]COLUMN,…", value_delimiter = ',', allow_hyphen_values = true)]
    pub(crate) sort: Option<Vec<String>>,

    /// Print the rows alone: no header, no server names and no sums (table, csv)
    #[arg(long)]
    pub(crate) no_header: bool,

    /// Log the protocol steps to stderr
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// The formats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// One array of objects
    Json,
    /// One object a line, as servers answer; a server that failed is a line, too
    Jsonl,
    /// With a header (RFC 4180), as servers answer
    Csv,
}
