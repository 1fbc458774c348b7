fn main() {
    netsession_interop::suite::Suite::new().run(|| ())
}
