//! Real servers and other people's clients, started by the tests.
//!
//! A private Samba ([`samba`]) in its own mount and process namespace, a private domain with Kerberos ([`domain`]) and a [`member`] server of it, a newer Samba of [`debian13`], the kernel's [`ksmbd`] in a virtual machine,
//! other clients that hold sessions on it ([`holder`], [`many`]) or list them ([`oracle`], [`rpcclient`],
//! [`impacket`], [`smbtorture`]), a [`proxy`] that counts, delays and tampers, servers that misbehave ([`faulty`]),
//! connections that are each harmed once ([`harm`]), refusals that are [`late`],
//! a fleet listed side by side ([`sweep`], for a section of a [`page`]), the project's own [`double`] for what Samba lacks, and what is
//! tested: the program ([`netsession`]), the same for Windows in a [`wine`] prefix with doubles of
//! its libraries, the module for [`perl`], and the [`guide`]. The [`exporter`] is scraped by Debian's [`prometheus`],
//! also through [`nginx`], asks a [`fleet`], and its page is shown by [`chromium`]. What real servers have said elsewhere is in a folder of [`recordings`].

pub mod account;
pub mod chromium;
pub mod compare;
pub mod debian13;
pub mod domain;
pub mod double;
pub mod exporter;
pub mod faulty;
pub mod fleet;
pub mod guide;
pub mod harm;
pub mod holder;
pub mod http;
pub mod impacket;
pub mod ksmbd;
pub mod late;
pub mod load;
pub mod many;
pub mod member;
pub mod memory;
mod namespace;
pub mod needs;
pub mod netsession;
pub mod nginx;
pub mod node_exporter;
pub mod oracle;
pub mod page;
pub mod perl;
pub mod port;
pub mod process;
pub mod prometheus;
pub mod proxy;
pub mod recorder;
pub mod recordings;
pub mod rpcclient;
pub mod samba;
pub mod shared;
pub mod smbtorture;
pub mod suite;
pub mod sweep;
pub mod tmux;
pub mod wine;
