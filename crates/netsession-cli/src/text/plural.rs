//! Numbers of things.

/// `1 session`, `2 sessions`.
pub(crate) fn count(number: impl ToString, thing: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        assert_eq!([0, 1, 2].map(|number| count(number, "server")), ["0 servers", "1 server", "2 servers"]);
    }
}
