//! The example of the README: what stands there is what is run here.

#![cfg(feature = "tokio")]

#[expect(clippy::print_stdout, reason = "as a user would write it")]
#[expect(unreachable_pub, reason = "as a user would write it")]
mod example;

use netsession::Level;
use netsession_testserver::{Server, scenario};

#[tokio::test]
async fn the_example_lists_alice() -> Result<(), Box<dyn std::error::Error>> {
    let (address, _server) = Server::start(scenario::shipped("windows")?)?;
    let listing = example::where_is_alice(&address.to_string()).await?;
    assert_eq!(listing.level(), Level::L502);
    assert_eq!(listing.iter().map(|session| session.user()).collect::<Vec<_>>(), [Some("alice")]);
    assert_eq!(listing.sessions()[0].opens(), Some(3));
    Ok(())
}

#[test]
fn the_readme_shows_it() {
    let readme = include_str!("../../../../README.md");
    let blocks: Vec<_> =
        readme.split("\n```rust").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
    assert_eq!(blocks, [format!("\n{}", include_str!("readme/example.rs").trim_end())]);
}
