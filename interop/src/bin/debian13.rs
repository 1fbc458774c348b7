//! `cargo xtask test --install`: Debian 13 with its Samba in a folder under the target folder.

fn main() -> anyhow::Result<()> {
    println!("{}", netsession_interop::debian13::prepare()?.display());
    Ok(())
}
