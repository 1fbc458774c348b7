//! Values with their place in the text, and what is wrong with them.

use std::collections::HashSet;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::text::duration;

/// Something wrong in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl Fault {
    /// A fault at this position of the text.
    pub(super) fn new(text: &str, span: &Range<usize>, reason: impl Into<String>) -> Self {
        let before = text.as_bytes().get(..span.start).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
        Self { line, reason: reason.into() }
    }

    /// `FILE:LINE: reason`
    pub(crate) fn line_in(&self, path: &Path) -> String {
        format!("{}:{}: {}", path.display(), self.line, self.reason)
    }
}

/// Collects faults while values are read.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) faults: Vec<Fault>,
}

impl Reader<'_> {
    pub(super) fn fault(&mut self, span: &Range<usize>, reason: impl Into<String>) {
        self.faults.push(Fault::new(self.text, span, reason));
    }

    /// A fault for each key that is not known.
    pub(super) fn only(&mut self, table: &DeTable<'_>, known: &[&str], of: &str) {
        let known_set: HashSet<_> = known.iter().copied().collect();
        for key in table.keys() {
            if !known_set.contains(key.get_ref().as_ref()) {
                let reason = format!("unknown key {} in {of}: it has {}", key.get_ref(), known.join(", "));
                self.fault(&key.span(), reason);
            }
        }
    }

    pub(super) fn table<'t, 'i>(
        &mut self,
        value: &'t Spanned<DeValue<'i>>,
        what: &str,
    ) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(value, what, "a table");
        }
        table
    }

    pub(super) fn string(&mut self, value: &Spanned<DeValue<'_>>, what: &str) -> Option<String> {
        match value.get_ref().as_str() {
            Some("") => {
                self.fault(&value.span(), format!("{what} is empty"));
                None
            }
            Some(text) => Some(text.to_owned()),
            None => {
                self.wrong_type(value, what, "a string");
                None
            }
        }
    }

    /// Strings with their places, all that are some.
    pub(super) fn strings(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        what: &str,
    ) -> Vec<(String, Range<usize>)> {
        let array = self.array(value, what, "an array of strings");
        let of_each = format!("each of {what}");
        let each = array.into_iter().map(|item| (self.string(item, &of_each), item.span()));
        each.filter_map(|(text, span)| Some((text?, span))).collect()
    }

    pub(super) fn boolean(&mut self, value: &Spanned<DeValue<'_>>, what: &str) -> Option<bool> {
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong_type(value, what, "true or false");
        }
        boolean
    }

    /// The items of an array, which is to be `wanted`.
    pub(super) fn array<'t, 'i>(
        &mut self,
        value: &'t Spanned<DeValue<'i>>,
        what: &str,
        wanted: &str,
    ) -> Vec<&'t Spanned<DeValue<'i>>> {
        match value.get_ref().as_array() {
            Some(array) => array.iter().collect(),
            None => {
                self.wrong_type(value, what, wanted);
                Vec::new()
            }
        }
    }

    /// A duration as on the command line, up to a longest one.
    pub(super) fn duration(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        what: &str,
        longest: Duration,
    ) -> Option<Duration> {
        let text = self.string(value, what)?;
        match duration::parse_up_to(&text, longest) {
            Ok(duration) => Some(duration),
            Err(why) => {
                self.fault(&value.span(), format!("{what}: {why}"));
                None
            }
        }
    }

    /// A string that `parse` reads.
    pub(super) fn parsed<T>(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        what: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.string(value, what)?;
        match parse(&text) {
            Ok(parsed) => Some(parsed),
            Err(why) => {
                self.fault(&value.span(), format!("{what}: {why}"));
                None
            }
        }
    }

    /// A whole number within these limits.
    pub(super) fn number(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        what: &str,
        limits: RangeInclusive<usize>,
    ) -> Option<usize> {
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(value, what, "a whole number");
            return None;
        };
        let number = usize::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| limits.contains(number));
        if number.is_none() {
            let (least, most) = limits.into_inner();
            self.fault(&value.span(), format!("{what} must be from {least} to {most}"));
        }
        number
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, what: &str, wanted: &str) {
        self.fault(&value.span(), format!("{what} must be {wanted}, not {}", value.get_ref().type_str()));
    }
}

/// `~/` is the user's home.
pub(super) fn home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}
