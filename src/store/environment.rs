//! What git passes to its children in the environment and gix does not look at.

use std::ffi::OsStr;

use crate::host::Host;

use super::StoreError;

/// Variables that move objects or refs elsewhere. Without them the wrong repository would be read, so
/// they are refused by name.
const UNSUPPORTED: [&str; 4] =
    ["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

/// Refuses an environment in which this program would look in the wrong place.
pub(super) fn refuse_unsupported(host: &Host) -> Result<(), StoreError> {
    refuse(host, &UNSUPPORTED)
}

/// Refuses an environment that moves refs. A hook that looks at a push takes objects from wherever git does.
pub(super) fn refuse_other_refs(host: &Host) -> Result<(), StoreError> {
    refuse(host, &UNSUPPORTED[2..])
}

fn refuse(host: &Host, unsupported: &[&str]) -> Result<(), StoreError> {
    match unsupported.iter().find(|name| host.var_os(name).is_some_and(|value| !value.is_empty())) {
        Some(name) => {
            Err(StoreError::Unsupported(format!("the environment variable {name} is not supported")))
        }
        None => Ok(()),
    }
}

/// Settings of `git -c key=value yoi …`, as `key=value`.
///
/// git hands them on in `GIT_CONFIG_PARAMETERS`: quoted for the shell, `'key=value'` up to git 2.30
/// and `'key'='value'` since.
pub(super) fn config_parameters(host: &Host) -> Result<Vec<String>, StoreError> {
    let Some(text) = host.var_os("GIT_CONFIG_PARAMETERS").and_then(OsStr::to_str) else {
        return Ok(Vec::new());
    };
    parse(text).ok_or_else(|| StoreError::Unsupported("GIT_CONFIG_PARAMETERS can't be read".to_owned()))
}

fn parse(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (mut setting, after) = unquote(rest)?;
        rest = after;
        if let Some(value) = rest.strip_prefix('=') {
            let (value, after) =
                if value.starts_with('\'') { unquote(value)? } else { (String::new(), value) };
            setting = format!("{setting}={value}");
            rest = after;
        }
        if !rest.is_empty() && !rest.starts_with(' ') {
            return None;
        }
        found.push(setting);
        rest = rest.trim_start();
    }
    Some(found)
}

/// One word quoted as git does it: `'…'`, with `'\''` and `'\!'` for the two letters it escapes.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let end = rest.find('\'')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        let escaped = rest.strip_prefix('\\').and_then(|after| after.chars().next());
        match escaped {
            Some(letter @ ('\'' | '!')) => {
                value.push(letter);
                rest = rest[2..].strip_prefix('\'')?;
            }
            _ => return Some((value, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_git_are_read() {
        let text = "'a.b=c d' 'user.name'='it'\\''s me'\\!'' 'x.y'=";
        let expected = ["a.b=c d", "user.name=it's me!", "x.y="];
        assert_eq!(parse(text), Some(expected.map(str::to_owned).to_vec()));
        assert_eq!(parse("'open"), None);
        assert_eq!(parse("'a'b"), None);
    }
}
