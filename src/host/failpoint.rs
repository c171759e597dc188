//! Places where a test lets the program die: between two steps of anything that changes the repository.
//!
//! The feature `failpoints` is for tests only; without it [`step`] is nothing. With it, each step that is passed adds a
//! line to the file that `YOI_FAILPOINTS` names, whichever process of a command passes it, and the step whose number or
//! words `YOI_FAILPOINT` gives is the last of its process: it ends at once, as if it were killed.

/// A step is passed: what has been done so far must be nothing or whole to whoever comes after.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn step(_done: &str) {}

/// A step is passed: what has been done so far must be nothing or whole to whoever comes after.
#[cfg(feature = "failpoints")]
pub fn step(done: &str) {
    if let Some(number) = passed(done)
        && std::env::var("YOI_FAILPOINT").is_ok_and(|last| last == done || last.parse() == Ok(number))
    {
        // Nothing is tidied up, nothing that is buffered is written.
        std::process::abort();
    }
}

/// The number of the step in the whole command, from 1 on.
#[cfg(feature = "failpoints")]
fn passed(done: &str) -> Option<usize> {
    use std::io::{Read, Seek, Write};
    let path = std::env::var_os("YOI_FAILPOINTS")?;
    let mut file = std::fs::File::options().create(true).read(true).append(true).open(path).ok()?;
    file.write_all(format!("{done}\n").as_bytes()).ok()?;
    // Others may have written since: only what stands before the end of this line counts.
    let end = file.stream_position().ok()?;
    file.rewind().ok()?;
    let mut lines = String::new();
    file.take(end).read_to_string(&mut lines).ok()?;
    Some(lines.lines().count())
}
