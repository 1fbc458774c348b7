//! The guard of the process, which every client goes through by default.
//!
//! A program of its own: it blocks an account of other tests for the whole process, and allows all accounts again.

use netsession::{Credentials, ErrorKind, Password, blocking, logon_guard};
use netsession_testserver::Server;
use netsession_testserver::scenario::shipped;

#[test]
fn refused_account_is_tried_again_when_all_are_allowed() {
    let (address, handle) = Server::start(shipped("windows").unwrap()).unwrap();
    let connect = || {
        let who = Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("wrong"));
        blocking::Client::builder(address.to_string()).credentials(who).connect().unwrap_err().kind()
    };
    assert_eq!([connect(), connect()], [ErrorKind::LogOnRefused, ErrorKind::LogOnBlocked]);
    assert_eq!(handle.host().traffic().connections(), 1, "the second one is not even connected");
    logon_guard::allow_all_again();
    assert_eq!([connect(), connect()], [ErrorKind::LogOnRefused, ErrorKind::LogOnBlocked]);
    logon_guard::allow_again(&r"LAB\admin".parse().unwrap());
    assert_eq!(connect(), ErrorKind::LogOnRefused);
}
