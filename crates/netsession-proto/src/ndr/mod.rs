//! Pointers, strings and conformant arrays of NDR 2.0 (C706 chapter 14).
