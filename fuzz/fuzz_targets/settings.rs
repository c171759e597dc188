//! `.yoi/workspace.toml`: no text makes the reader panic, and tables it doesn't know change no setting.
#![no_main]

use git_yoi::format::settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok((read, warnings)) = settings::parse(text) else { return };
    assert!(warnings.iter().all(|warning| !warning.contains('\n')), "{warnings:?}");
    if let Ok((again, _)) = settings::parse(&format!("{text}\n[a-table-nobody-knows]\nkey = 1\n")) {
        assert_eq!(again, read);
    }
});
