//! A Rust source as the rules see it: its words without comments and texts, its paths, functions and tests.
//!
//! No parser: enough of the language's surface to tell code from comments, strings and characters, to
//! match brackets and to unfold `use` trees.

use std::ops::Range;

/// A word, number or sign of the code; a string or character is one empty token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// Its line, from 1.
    pub(crate) line: usize,
}

/// A path as the code names it, with `use` trees unfolded: `std::{fmt, io}` gives two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) parts: Vec<String>,
    pub(crate) line: usize,
    /// The modules written out around it in the same file, outermost first.
    pub(crate) inside: Vec<String>,
    pub(crate) is_test: bool,
}

/// One file.
pub(crate) struct Source {
    /// From the top of the project, with `/`.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
    /// For each token, whether it is compiled for tests only.
    is_test: Vec<bool>,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str, is_test: bool) -> Self {
        let tokens = tokens(text);
        let mut flags = vec![is_test; tokens.len()];
        for span in test_spans(&tokens) {
            flags[span].fill(true);
        }
        Source { name: name.to_owned(), text: text.to_owned(), tokens, is_test: flags }
    }

    pub(crate) fn is_test(&self, index: usize) -> bool {
        self.is_test.get(index).copied().unwrap_or_default()
    }

    /// Whether the tokens from `index` on are these.
    pub(crate) fn has(&self, index: usize, words: &[&str]) -> bool {
        has(&self.tokens, index, words)
    }

    /// The functions with a body: name, first and last line.
    pub(crate) fn functions(&self) -> Vec<(String, usize, usize)> {
        let starts = (0..self.tokens.len())
            .filter(|index| self.has(*index, &["fn"]) && self.tokens.get(index + 1).is_some_and(is_word));
        let function = |index: usize| {
            let open = body_of(&self.tokens, index)?;
            let close = closing(&self.tokens, open);
            let last = self.tokens.get(close).or(self.tokens.last())?.line;
            Some((self.tokens[index + 1].text.clone(), self.tokens[index].line, last))
        };
        starts.filter_map(function).collect()
    }

    /// Modules declared for tests only whose text is in another file.
    pub(crate) fn test_modules(&self) -> Vec<&str> {
        let declared = |index: &usize| self.has(*index, &["mod"]) && self.has(index + 2, &[";"]);
        let tests = (0..self.tokens.len()).filter(|index| self.is_test(*index)).filter(declared);
        tests.map(|index| self.tokens[index + 1].text.as_str()).collect()
    }

    /// Every path with more than one part, and whatever `use` names.
    pub(crate) fn paths(&self) -> Vec<Path> {
        let mut found = Vec::new();
        let mut modules: Vec<(String, usize)> = Vec::new();
        let mut index = 0;
        while let Some(token) = self.tokens.get(index) {
            modules.retain(|(_, end)| index < *end);
            let mut next = index + 1;
            let mut parts = Vec::new();
            if self.has(index, &["mod"]) && self.has(index + 2, &["{"]) {
                modules.push((self.tokens[index + 1].text.clone(), closing(&self.tokens, index + 2)));
            } else if self.has(index, &["use"]) {
                next = use_tree(&self.tokens, index + 1, &[], &mut parts);
            } else if is_word(token) && self.has(index + 1, &["::"]) {
                let mut path = vec![token.text.clone()];
                while self.has(next, &["::"]) && self.tokens.get(next + 1).is_some_and(is_word) {
                    path.push(self.tokens[next + 1].text.clone());
                    next += 2;
                }
                parts.push(path);
            }
            found.extend(parts.into_iter().map(|parts| Path {
                parts,
                line: token.line,
                inside: modules.iter().map(|(name, _)| name.clone()).collect(),
                is_test: self.is_test(index),
            }));
            index = next;
        }
        found
    }
}

fn has(tokens: &[Token], index: usize, words: &[&str]) -> bool {
    words
        .iter()
        .enumerate()
        .all(|(ahead, word)| tokens.get(index + ahead).is_some_and(|token| token.text == *word))
}

fn is_word(token: &Token) -> bool {
    token.text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// Unfolds one `use` tree into full paths; gives the index after it.
fn use_tree(tokens: &[Token], mut index: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = before.to_vec();
    while let Some(token) = tokens.get(index) {
        match token.text.as_str() {
            "{" => {
                let end = closing(tokens, index);
                index += 1;
                while index < end {
                    index = use_tree(tokens, index, &path, found);
                }
                return index + 1;
            }
            "," | ";" | "}" => break,
            "as" => index += 1,
            "::" => {}
            word => path.push(word.to_owned()),
        }
        index += 1;
    }
    if path.len() > before.len() {
        found.push(path);
    }
    if has(tokens, index, &["}"]) { index } else { index + 1 }
}

/// The index of the bracket that closes the one at `open`, or the number of tokens.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return index;
        }
    }
    tokens.len()
}

/// The brace that opens the body of the item that starts at `index`; `None` when `;` ends it first.
fn body_of(tokens: &[Token], mut index: usize) -> Option<usize> {
    loop {
        match tokens.get(index)?.text.as_str() {
            "{" => return Some(index),
            ";" => return None,
            "(" | "[" => index = closing(tokens, index),
            _ => {}
        }
        index += 1;
    }
}

/// The items behind a `#[cfg(test)]`, with all their attributes, as ranges of tokens.
fn test_spans(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let start = index;
        let mut is_test = false;
        while has(tokens, index, &["#", "["]) {
            is_test |= has(tokens, index, &["#", "[", "cfg", "(", "test", ")", "]"]);
            index = closing(tokens, index + 1) + 1;
        }
        if is_test {
            let end_of_line = || (index..tokens.len()).find(|index| has(tokens, *index, &[";"]));
            let end = match body_of(tokens, index) {
                Some(open) => closing(tokens, open),
                None => end_of_line().unwrap_or(tokens.len()),
            };
            index = (end + 1).min(tokens.len());
            spans.push(start..index);
        } else if index == start {
            index += 1;
        }
    }
    spans
}

/// The words and signs of a source; comments are left out, strings and characters are empty.
fn tokens(text: &str) -> Vec<Token> {
    let mut scanner = Scanner { rest: text, line: 1 };
    let mut found = Vec::new();
    while let Some(first) = scanner.rest.chars().next() {
        let line = scanner.line;
        if first.is_whitespace() {
            scanner.skip(first.len_utf8());
        } else if scanner.rest.starts_with("//") {
            scanner.skip(scanner.rest.find('\n').unwrap_or(scanner.rest.len()));
        } else if scanner.rest.starts_with("/*") {
            scanner.block_comment();
        } else if scanner.literal() {
            found.push(Token { text: String::new(), line });
        } else {
            let length = sign_length(scanner.rest);
            found.push(Token { text: scanner.rest[..length].to_owned(), line });
            scanner.skip(length);
        }
    }
    found
}

/// The length of a word or number, of `::`, or of one sign.
fn sign_length(text: &str) -> usize {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let word = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    match word {
        0 if text.starts_with("::") => 2,
        0 => text.chars().next().map_or(0, char::len_utf8),
        length => length,
    }
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl Scanner<'_> {
    fn skip(&mut self, length: usize) {
        self.line += self.rest[..length].matches('\n').count();
        self.rest = &self.rest[length..];
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        let mut end = 0;
        while let Some(letter) = self.rest[end..].chars().next() {
            let step = match &self.rest[end..] {
                rest if rest.starts_with("/*") => (1, 2),
                rest if rest.starts_with("*/") => (-1, 2),
                _ => (0, letter.len_utf8()),
            };
            depth += step.0;
            end += step.1;
            if depth == 0 {
                break;
            }
        }
        self.skip(end);
    }

    /// Passes over a string or a character, if one starts here.
    fn literal(&mut self) -> bool {
        let length = ["br", "cr", "r", "b", "c", ""].into_iter().find_map(|prefix| {
            let text = self.rest.strip_prefix(prefix)?;
            let length = match text.chars().next()? {
                '"' | '#' if prefix.ends_with('r') => raw_string(text)?,
                '"' => quoted(text, '"'),
                '\'' if prefix == "b" || prefix.is_empty() => character(text)?,
                _ => return None,
            };
            Some(prefix.len() + length)
        });
        self.skip(length.unwrap_or(0));
        length.is_some()
    }
}

/// The length of `#"…"#`, with as many `#` as it starts with.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.len() - text.trim_start_matches('#').len();
    let inside = text[hashes..].strip_prefix('"')?;
    let closer = format!("\"{}", "#".repeat(hashes));
    let end = inside.find(&closer).map_or(inside.len(), |end| end + closer.len());
    Some(hashes + 1 + end)
}

/// The length of a text in quotes, both quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((index, letter)) = letters.next() {
        if letter == quote {
            return index + 1;
        }
        if letter == '\\' {
            letters.next();
        }
    }
    text.len()
}

/// The length of `'x'`; `None` for a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().skip(1);
    let (_, first) = letters.next()?;
    let (end, second) = letters.next()?;
    match (first, second) {
        ('\\', _) => Some(quoted(text, '\'')),
        (_, '\'') => Some(end + 1),
        _ => None,
    }
}
