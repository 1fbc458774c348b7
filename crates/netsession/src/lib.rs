//! Who is connected to an SMB file server, from where, with what open, since when and how long idle.
