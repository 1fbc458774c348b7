//! Who is connected? `cargo run -p netsession --example sessions -- SERVER ACCOUNT [LEVEL]`, with the
//! password in NETSESSION_PASSWORD. Asks with the blocking API.

use std::io::Write as _;

use netsession::{Credentials, Level, Password, blocking::Client};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(server), Some(account)) = (arguments.next(), arguments.next()) else {
        return Err("SERVER ACCOUNT [LEVEL]".into());
    };
    let level: Level = arguments.next().as_deref().unwrap_or("auto").parse()?;
    let password = Password::new(std::env::var("NETSESSION_PASSWORD")?);

    let credentials = Credentials::ntlm(account.parse()?, password);
    let client = Client::builder(server).credentials(credentials).connect()?;
    let listing = client.sessions().level(level).list()?;

    let mut out = std::io::stdout().lock();
    for (index, session) in listing.iter().enumerate() {
        let own = if listing.own() == Some(index) { '*' } else { ' ' };
        let (client, user) = (session.client(), session.user());
        writeln!(out, "{own} {client:?} {user:?} {:?} {:?}", session.opens(), session.connected())?;
    }
    writeln!(out, "sessions: {}, level {}, {:?}", listing.len(), listing.level(), client.negotiated())?;
    Ok(())
}
