//! Times that a server whose clock was set back sends.

use std::time::Duration;

use netsession::blocking::Client;
use netsession::{Credentials, Level, Password};
use netsession_testserver::{Scenario, Server};

/// Samba subtracts times as unsigned numbers: −1, −85 and −2³¹ s. The last session is at the limit.
const SCENARIO: &str = r#"
description = "a clock that was set back"

[session-enum.levels]
0 = "anyone"
1 = "anyone"
2 = "anyone"
10 = "anyone"
502 = "anyone"

[[user]]
name = "admin"
password = "Passw0rd!"

[[session]]
client = "10.0.0.1"
user = "a"
time-seconds = 4294967295
idle-seconds = 4294967295

[[session]]
client = "10.0.0.2"
user = "b"
time-seconds = 4294967211
idle-seconds = 4294967211

[[session]]
client = "10.0.0.3"
user = "c"
time-seconds = 2147483648
idle-seconds = 2147483648

[[session]]
client = "10.0.0.4"
user = "d"
time-seconds = 2147483647
idle-seconds = 2147483646
"#;

#[test]
fn negative_times_are_zero_at_each_level() {
    let (address, _server) = Server::start(SCENARIO.parse::<Scenario>().unwrap()).unwrap();
    let client = Client::builder(address.to_string())
        .credentials(Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!")))
        .timeout(Duration::from_secs(30))
        .connect()
        .unwrap();
    for level in [Level::L1, Level::L2, Level::L10, Level::L502] {
        let listing = client.sessions().level(level).list().unwrap();
        let times: Vec<_> = listing
            .iter()
            .map(|session| (session.connected().unwrap().as_secs(), session.idle().unwrap().as_secs()))
            .collect();
        assert_eq!(times, [(0, 0), (0, 0), (0, 0), (2_147_483_647, 2_147_483_646)], "{level}");
    }
}
