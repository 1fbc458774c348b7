//! Real servers and other people's clients, started by the tests.
//!
//! A private Samba ([`samba`]) in its own mount and process namespace, a private domain ([`domain`]) with Kerberos, other clients that hold sessions on it
//! ([`holder`], [`many`]) or list them ([`oracle`], [`rpcclient`]), a [`proxy`] that counts, delays and tampers,
//! servers that misbehave ([`faulty`]), and the program under test ([`netsession`]).

pub mod account;
pub mod compare;
pub mod domain;
pub mod faulty;
pub mod holder;
pub mod many;
pub mod needs;
pub mod netsession;
pub mod oracle;
pub mod port;
pub mod process;
pub mod proxy;
pub mod rpcclient;
pub mod samba;
pub mod suite;
