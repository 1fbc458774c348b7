//! `cargo xtask test --install`: impacket in a virtual environment under the target folder.

fn main() -> anyhow::Result<()> {
    println!("{}", netsession_interop::impacket::prepare()?.display());
    Ok(())
}
