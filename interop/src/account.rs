//! The users that every private Samba has, and those of the double.

/// A user of the file server, with the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// As it is typed at the log-on, and listed by the server.
    pub name: &'static str,
    /// In clear; it guards a server on loopback that lives for seconds.
    pub password: &'static str,
}

/// Member of `BUILTIN\Administrators`, which is who may list sessions.
pub const ADMIN: Account = Account { name: "admin", password: "Adm1n-Passw0rd" };
/// Holds sessions.
pub const ALICE: Account = Account { name: "alice", password: "Al1ce-Passw0rd" };
/// Holds sessions.
pub const BOB: Account = Account { name: "bob", password: "B0b-Passw0rd" };
/// Holds sessions.
pub const CAROL: Account = Account { name: "carol", password: "Car0l-Passw0rd" };
/// Has no right to list sessions.
pub const PLAIN: Account = Account { name: "plain", password: "Pla1n-Passw0rd" };

/// All of the private Samba.
pub const EVERYBODY: [Account; 5] = [ADMIN, ALICE, BOB, CAROL, PLAIN];

/// The administrator of the scenarios that come with the double.
pub const DOUBLE_ADMIN: Account = Account { name: "admin", password: "Passw0rd!" };
/// An ordinary user of them.
pub const DOUBLE_ALICE: Account = Account { name: "alice", password: "Wonderland1" };
