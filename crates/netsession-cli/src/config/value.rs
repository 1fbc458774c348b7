//! Values with their place in the text, and what is wrong with them.

use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Fault;

/// Collects faults while values are read.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) faults: Vec<Fault>,
}

impl Reader<'_> {
    pub(super) fn fault(&mut self, span: &Range<usize>, reason: impl Into<String>) {
        self.faults.push(Fault::at(self.text, span, reason));
    }

    /// Names every key that nobody has asked for.
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
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, what, "an array of strings");
            return Vec::new();
        };
        let of_each = format!("each of {what}");
        let each = array.iter().map(|item| (self.string(item, &of_each), item.span()));
        each.filter_map(|(text, span)| Some((text?, span))).collect()
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, what: &str, wanted: &str) {
        self.fault(&value.span(), format!("{what} must be {wanted}, not {}", value.get_ref().type_str()));
    }
}
