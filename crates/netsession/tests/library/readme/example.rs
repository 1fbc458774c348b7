use std::time::Duration;

use netsession::{Client, Credentials, Error, Level, Listing, Password};

pub async fn where_is_alice(server: &str) -> Result<Listing, Error> {
    let client = Client::builder(server)
        .credentials(Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!")))
        .timeout(Duration::from_secs(10))
        .connect()
        .await?;
    let listing = client.sessions().level(Level::Auto).user("alice").list().await?;
    for session in &listing {
        println!("{} {:?} idle {:?}", session.client(), session.user(), session.idle());
    }
    Ok(listing)
}
