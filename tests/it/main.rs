//! The one integration binary: each module is a theme, each test a sentence that is true when it passes.
#![allow(clippy::unwrap_used)]

mod corpus;
mod irregular;
mod tidy;
