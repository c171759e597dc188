//! The texts of the hooks: the marked block of a hook file, the command of a configured hook, the line
//! that somebody adds by hand.
//!
//! Works on bytes, because a hook file may hold anything. What is put in can be taken out again without
//! a trace: a block stands between the end of a line and the line end that was there.

use std::ops::Range;

use super::Event;

/// Rises when a text in `hooks/` changes.
pub(super) const VERSION: u32 = 1;

const BLOCK: &str = include_str!("../../../hooks/block.sh");
const BLOCK_WITH_INPUT: &str = include_str!("../../../hooks/block-with-input.sh");
const COMMAND: &str = include_str!("../../../hooks/command.sh");
const BY_HAND: &str = include_str!("../../../hooks/by-hand.sh");

const OPENING: &[u8] = b"# >>> git-yoi hook v";
const CLOSING: &[u8] = b"# <<< git-yoi hook v";

/// The shells a block is written for.
const SHELLS: [&[u8]; 9] = [b"sh", b"bash", b"dash", b"ash", b"ksh", b"ksh93", b"mksh", b"zsh", b"busybox"];

/// The first line of a file that is made for a block.
pub(super) const FIRST_LINE: &[u8] = b"#!/bin/sh\n";

/// What was there before the block, so that removing it leaves the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Somebody's file.
    Foreign,
    /// No file.
    File,
    /// No file and no folder.
    Folder,
}

impl Origin {
    fn words(self) -> &'static str {
        match self {
            Origin::Foreign => "",
            Origin::File => ", in a file of its own",
            Origin::Folder => ", in a file and folder of its own",
        }
    }
}

/// A block in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// From the line end before the block to the end of its last line: what goes when it is removed.
    pub(super) place: Range<usize>,
    /// From the opening mark to the end of the closing one.
    pub(super) text: Range<usize>,
    pub(super) origin: Origin,
    /// Zero when the number can't be read.
    pub(super) version: u32,
}

/// An opening mark without a closing one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclosed;

/// Every block in a file.
pub(super) fn blocks(bytes: &[u8]) -> Result<Vec<Block>, Unclosed> {
    let mut found = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.len() - usize::from(line.ends_with(b"\n"));
        if open.is_none() && line.starts_with(OPENING) {
            open = Some(start..end);
        } else if line.starts_with(CLOSING)
            && let Some(opening) = open.take()
        {
            found.push(block(bytes, &opening, end));
        }
        start += line.len();
    }
    if open.is_some() { Err(Unclosed) } else { Ok(found) }
}

fn block(bytes: &[u8], opening: &Range<usize>, end: usize) -> Block {
    // At the very start there is no line end before it, so the one behind it goes.
    let place = match opening.start.checked_sub(1) {
        Some(start) => start..end,
        None => 0..bytes.len().min(end + 1),
    };
    let said = String::from_utf8_lossy(&bytes[opening.start + OPENING.len()..opening.end]);
    let digits = said.split(|character: char| !character.is_ascii_digit()).next().unwrap_or_default();
    let origin = [Origin::Folder, Origin::File].into_iter().find(|origin| said.contains(origin.words()));
    Block {
        place,
        text: opening.start..end,
        origin: origin.unwrap_or(Origin::Foreign),
        version: digits.parse().unwrap_or(0),
    }
}

/// The file without its blocks.
pub(super) fn without(bytes: &[u8], blocks: &[Block]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for block in blocks {
        // Two blocks in a row share the line end between them.
        rest.extend_from_slice(&bytes[at..block.place.start.max(at)]);
        at = block.place.end;
    }
    rest.extend_from_slice(&bytes[at..]);
    rest
}

/// The file with one block: where the first was, or else behind the first line.
pub(super) fn with(bytes: &[u8], blocks: &[Block], block: &[u8]) -> Vec<u8> {
    let Some((first, others)) = blocks.split_first() else {
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
        return [&bytes[..end], b"\n", block, &bytes[end..]].concat();
    };
    let tail = without(bytes, others)[first.text.end..].to_vec();
    [&bytes[..first.text.start], block, &tail].concat()
}

/// Whether a file, its blocks left out, does anything.
pub(super) fn does_something(without_blocks: &[u8]) -> bool {
    let first = without_blocks.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let rest = if first.starts_with(b"#!") { &without_blocks[first.len()..] } else { without_blocks };
    rest.iter().any(|byte| !byte.is_ascii_whitespace())
}

/// A block without the line end behind it. What git says on standard input is kept for the lines below
/// where there are any.
pub(super) fn render(event: Event, origin: Origin, has_more: bool, program: &[u8]) -> Vec<u8> {
    let (front, back) = around_program(template(event, has_more), event, origin);
    [front.as_bytes(), &quoted(program), back.as_bytes()].concat()
}

/// The program that a block names, if the block is as this version writes it.
pub(super) fn program_of(text: &[u8], event: Event, origin: Origin, has_more: bool) -> Option<Vec<u8>> {
    between(text, &around_program(template(event, has_more), event, origin))
}

/// The command of a configured hook.
pub(super) fn command(event: Event, program: &[u8]) -> Vec<u8> {
    let (front, back) = around_program(COMMAND, event, Origin::Foreign);
    [front.as_bytes(), &quoted(program), back.as_bytes()].concat()
}

/// The program that a configured hook names, if its command is as this version writes it.
pub(super) fn program_of_command(text: &[u8], event: Event) -> Option<Vec<u8>> {
    between(text, &around_program(COMMAND, event, Origin::Foreign))
}

/// The line to add to a shell script by hand. It names no path: such scripts are shared.
pub(super) fn by_hand(event: Event) -> String {
    around_program(BY_HAND, event, Origin::Foreign).0
}

/// Whether a text calls the hook.
pub(super) fn calls(bytes: &[u8], event: Event) -> bool {
    [format!("git-yoi hook {}", event.name()), format!("git yoi hook {}", event.name())]
        .iter()
        .any(|call| bytes.windows(call.len()).any(|part| part == call.as_bytes()))
}

fn template(event: Event, has_more: bool) -> &'static str {
    if event.has_input() && has_more { BLOCK_WITH_INPUT } else { BLOCK }
}

/// A text up to where the program is named, and from there on.
fn around_program(template: &str, event: Event, origin: Origin) -> (String, String) {
    let text = template.trim_end().replace("@event@", event.name()).replace("@origin@", origin.words());
    match text.split_once("@program@") {
        Some((front, back)) => (front.to_owned(), back.to_owned()),
        None => (text, String::new()),
    }
}

fn between(text: &[u8], (front, back): &(String, String)) -> Option<Vec<u8>> {
    unquoted(text.strip_prefix(front.as_bytes())?.strip_suffix(back.as_bytes())?)
}

/// One word for the shell, whatever is in it.
fn quoted(word: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = word.split(|byte| *byte == b'\'').collect();
    [b"'", parts.join(br"'\''".as_slice()).as_slice(), b"'"].concat()
}

fn unquoted(word: &[u8]) -> Option<Vec<u8>> {
    let mut rest = word.strip_prefix(b"'")?.strip_suffix(b"'")?;
    let mut plain = Vec::with_capacity(rest.len());
    while let Some(at) = rest.iter().position(|byte| *byte == b'\'') {
        plain.extend_from_slice(&rest[..=at]);
        rest = rest[at..].strip_prefix(br"'\''")?;
    }
    plain.extend_from_slice(rest);
    Some(plain)
}

/// Why a block has no place in a file with that first line, if so.
pub(super) fn first_line_fault(bytes: &[u8]) -> Option<&'static str> {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some(words) = line.strip_prefix(b"#!") else { return Some("it doesn't begin with '#!' and a shell") };
    if line.ends_with(b"\r") {
        return Some("its first line ends in a carriage return, so it can't be run");
    }
    // The words of `env`: options, variables, then the program.
    let is_program = |word: &&[u8]| !word.starts_with(b"-") && !word.contains(&b'=');
    let mut words = words.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let mut program = words.next().map(file_name);
    if program == Some(b"env") {
        program = words.find(is_program).map(file_name);
    }
    let is_shell = program.is_some_and(|program| SHELLS.contains(&program));
    (!is_shell).then_some("it is no shell script")
}

fn file_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGINS: [Origin; 3] = [Origin::Foreign, Origin::File, Origin::Folder];

    #[test]
    fn a_block_tells_its_version_its_origin_and_its_program() {
        for event in Event::ALL {
            for origin in ORIGINS {
                for program in [b"/usr/bin/git-yoi".as_slice(), b"/it's/a \"b\"/\xff$x`y`", b"", b"'"] {
                    for has_more in [false, true] {
                        let text = render(event, origin, has_more, program);
                        let found = blocks(&text).unwrap();
                        assert_eq!(found.len(), 1);
                        assert_eq!((found[0].version, found[0].origin), (VERSION, origin));
                        assert_eq!(found[0].text, 0..text.len());
                        assert_eq!(
                            program_of(&text, event, origin, has_more).as_deref(),
                            Some(program),
                            "{event:?}"
                        );
                        assert!(!text.contains(&b'\r') && !calls(&text, event), "it is not by hand");
                    }
                    assert_eq!(program_of_command(&command(event, program), event).as_deref(), Some(program));
                }
            }
            assert!(calls(by_hand(event).as_bytes(), event), "{event:?}");
        }
    }

    #[test]
    fn every_placeholder_is_filled_in() {
        for event in Event::ALL {
            for text in
                [render(event, Origin::File, true, b"p"), command(event, b"p"), by_hand(event).into_bytes()]
            {
                let text = String::from_utf8(text).unwrap();
                for name in ["@event@", "@program@", "@origin@"] {
                    assert!(!text.contains(name), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_is_put_in_comes_out_without_a_trace() {
        for file in [
            b"#!/bin/sh\n".as_slice(),
            b"#!/bin/sh",
            b"#!/bin/sh\n\n",
            b"#!/bin/sh\necho one\r\necho two\r\n",
            b"#!/bin/sh\nexit 0",
            b"#!/usr/bin/env bash\n\xff\xfe\n",
        ] {
            let one = render(Event::PrePush, Origin::Foreign, true, b"/one");
            let two = render(Event::PrePush, Origin::Foreign, true, b"/a/longer/one");
            let first = with(file, &[], &one);
            let again = with(&first, &blocks(&first).unwrap(), &two);
            assert_eq!(again, with(file, &[], &two));
            assert_eq!(without(&again, &blocks(&again).unwrap()), file);
            // Somebody copied the block to the end.
            let twice = [&first[..], b"\n", &one, b"\n", &one, b"\ntail"].concat();
            let found = blocks(&twice).unwrap();
            assert_eq!(found.len(), 3);
            assert_eq!(without(&twice, &found), [file, b"\ntail"].concat());
            assert_eq!(with(&twice, &found, &two), [&again, b"\ntail".as_slice()].concat());
        }
    }

    #[test]
    fn a_block_with_carriage_returns_and_one_at_the_start_can_be_removed() {
        let block = String::from_utf8(render(Event::PostCommit, Origin::Foreign, true, b"/p")).unwrap();
        let file = format!("#!/bin/sh\n{block}\necho\n").replace('\n', "\r\n").into_bytes();
        assert_eq!(without(&file, &blocks(&file).unwrap()), b"#!/bin/sh\r\necho\r\n");
        let file = format!("{block}\necho\n").into_bytes();
        assert_eq!(without(&file, &blocks(&file).unwrap()), b"echo\n");
        assert_eq!(blocks(b"#!/bin/sh\n# >>> git-yoi hook v1 >>>\necho\n"), Err(Unclosed));
        assert_eq!(blocks(b"# <<< git-yoi hook v1 <<<\n"), Ok(Vec::new()));
    }

    #[test]
    fn shells_are_told_from_other_interpreters() {
        for shell in [
            b"#!/bin/sh".as_slice(),
            b"#!/bin/sh -e\nx",
            b"#! /bin/bash\n",
            b"#!/usr/bin/env bash\n",
            b"#!/usr/bin/env -S bash -eu\n",
            b"#!/usr/bin/env -i A=b/c zsh -f\n",
            b"#!/bin/busybox sh\n",
            b"#!dash\n\r\n",
        ] {
            assert_eq!(first_line_fault(shell), None, "{}", shell.escape_ascii());
        }
        for other in [
            b"".as_slice(),
            b"echo\n",
            b"#!\n",
            b"#!/usr/bin/env\n",
            b"#!/usr/bin/env python3\n",
            b"#!/usr/bin/fish\n",
            b"#!/bin/sh\r\n",
            b"\x7fELF",
            b"#!/bin/shell\n",
        ] {
            assert!(first_line_fault(other).is_some(), "{}", other.escape_ascii());
        }
    }

    #[test]
    fn a_first_line_alone_does_nothing() {
        for nothing in [b"".as_slice(), b"#!/bin/sh", b"#!/bin/sh\n \r\n\t\n", b"\n"] {
            assert!(!does_something(nothing));
        }
        for something in [b"#!/bin/sh\n#".as_slice(), b"echo", b"#!/bin/sh\nexit 0"] {
            assert!(does_something(something));
        }
    }
}
