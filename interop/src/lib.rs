//! Real servers and other people's clients, started by the tests.
