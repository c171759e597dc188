//! Full text: what a text is to a search, what is looked for, and where it is.
//!
//! Everything here is pure. [`segment`] cuts texts into words and runs of letters that know no blanks;
//! [`needle`] is what somebody looks for; [`passage`] is a text of a ticket with the place it stands at;
//! [`hit`] says whether a ticket is one that was looked for, and shows where.
//!
//! A word is found whole, or as a part of a name that is written `likeThis` or `like_this`. Japanese, Chinese,
//! Korean and Thai words are found wherever they stand. An index finds tickets by their [`segment::tokens`]:
//! it may find too many, never too few, and the texts themselves have the last word.

pub mod hit;
pub mod needle;
pub mod passage;
pub mod segment;
