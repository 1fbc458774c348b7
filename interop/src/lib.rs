//! Real servers and other people's clients, started by the tests.
//!
//! A private Samba ([`samba`]) in its own mount and process namespace, other clients that hold sessions on it
//! ([`holder`], [`many`]) or list them ([`oracle`], [`rpcclient`]), a [`proxy`] that counts, delays and tampers,
//! servers that misbehave ([`faulty`]), the program under test ([`netsession`]), and the same for Windows in a
//! [`wine`] prefix with doubles of its libraries.

pub mod account;
pub mod compare;
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
pub mod testserver;
pub mod wine;
