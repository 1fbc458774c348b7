use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use clap::{Arg, Args, ValueEnum};

/// What is shown, and how.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Output format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,

    #[command(flatten)]
    pub(crate) columns: ColumnArgs,

    /// Write to this file instead of stdout, whole or not at all
    ///
    /// The file is replaced when all servers have answered or failed, even if all of them failed: an exit code of 1 tells.
    /// Until then, and after an error before that or Ctrl-C, the old one stays. The new one has its permissions, and its owner and group where you may give them; where there was none, all users may
    /// read metrics, and the umask counts for other formats. A file or link of another user in a folder where all users may
    /// write, as /tmp, is refused.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Log the protocol steps to stderr
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// The columns, the order and the header of rows.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ColumnArgs {
    /// Show these columns, in this order, separated by commas
    ///
    /// The names are those under Columns, as in JSON, whose objects then have these keys alone. With the column
    /// `server` there is one table for all servers.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) columns: Option<Vec<String>>,

    /// Sort by these columns, descending by one with - in front
    ///
    /// Sorts the rows of all servers together: jsonl and csv are then written at the end. Where each server has its own
    /// table, each table is sorted. Rows without a value come last.
    #[arg(long, value_name = "[-]COLUMN,…", value_delimiter = ',', allow_hyphen_values = true)]
    pub(crate) sort: Option<Vec<String>>,

    /// Omit the header, and in the table also server names and sums (table, csv)
    #[arg(long)]
    pub(crate) no_header: bool,
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
    /// Metrics, for the textfile collector of node_exporter
    #[cfg(feature = "exporter")]
    Prometheus,
}

impl Format {
    /// For `--format` of a command that has rows and no metrics.
    pub(crate) fn of_rows(format: Arg) -> Arg {
        let of_rows = Self::value_variants().iter().filter(|format| !format.is_metrics());
        let names: Vec<PossibleValue> = of_rows.filter_map(ValueEnum::to_possible_value).collect();
        format.value_parser(PossibleValuesParser::new(names).try_map(|name| Self::from_str(&name, false)))
    }

    /// Whether these are metrics instead of rows.
    pub(crate) fn is_metrics(self) -> bool {
        #[cfg(feature = "exporter")]
        return self == Self::Prometheus;
        #[cfg(not(feature = "exporter"))]
        false
    }
}
