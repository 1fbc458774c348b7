//! The screen as it is drawn, and what keys make of it.

mod fixture;
mod keys;
mod model;
mod picture;
mod views;
