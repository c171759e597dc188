//! The tables.
//!
//! Numbers of tickets (`ticket`, `source`, `target`, `owner`) are those of [`super::key::number`]: ascending
//! order is the newest first. `state` is the place in [`State::ALL`](crate::model::state::State::ALL), `age`
//! is [`super::key::age`].

/// The number of these tables: another one in the file means that it is made anew.
pub(super) const VERSION: i64 = 7;

/// What is made before rows are put in.
pub(super) const TABLES: &str = "
CREATE TABLE row(
    state INTEGER, age INTEGER, ticket INTEGER,
    row BLOB NOT NULL,     -- the rest: super::row
    PRIMARY KEY(state, age, ticket)
) WITHOUT ROWID;
CREATE TABLE place(
    ticket INTEGER PRIMARY KEY,
    backwards INTEGER NOT NULL, -- the id read from its end
    state INTEGER,              -- none: it can't be read
    age INTEGER
);
CREATE TABLE unreadable(ticket INTEGER PRIMARY KEY);
CREATE TABLE relation(
    owner INTEGER, position INTEGER, -- the ticket whose file has it, and where
    source INTEGER NOT NULL, kind INTEGER NOT NULL, target INTEGER NOT NULL,
    note TEXT, author TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY(owner, position)
) WITHOUT ROWID;
CREATE TABLE amount(
    state INTEGER, gate INTEGER, number INTEGER NOT NULL,
    PRIMARY KEY(state, gate)
) WITHOUT ROWID;
";

/// What is made afterwards: that is faster than keeping it up row by row.
pub(super) const ORDERS: &str = "
CREATE UNIQUE INDEX place_backwards ON place(backwards);
CREATE INDEX relation_source ON relation(source);
CREATE INDEX relation_target ON relation(target);
";
