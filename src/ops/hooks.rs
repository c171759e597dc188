//! git's hooks: installing, removing and looking at ours.

use crate::store::hooks::{Hook, How};

use super::session::Session;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Put the hooks in.
    Install,
    /// Take them out.
    Uninstall,
    /// Look at them.
    Status,
}

impl Action {
    /// A stable word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Action::Install => "install",
            Action::Uninstall => "uninstall",
            Action::Status => "status",
        }
    }
}

/// How the hooks are now.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was asked for.
    pub action: Action,
    /// Every hook there is.
    pub hooks: Vec<Hook>,
}

impl Report {
    /// How the hooks are, in one word: that of all of them, or `mixed`.
    pub fn summary(&self) -> &'static str {
        let is_left_out = |hook: &&Hook| self.action == Action::Uninstall && hook.how == How::Missing;
        let mut words = self.hooks.iter().filter(|hook| !is_left_out(hook)).map(|hook| hook.how.word());
        match words.next() {
            Some(first) if words.all(|word| word == first) => first,
            Some(_) => "mixed",
            None => How::Missing.word(),
        }
    }

    /// Whether nothing is wanting: what should be there is there, or can only be added by hand.
    pub fn is_fine(&self) -> bool {
        self.hooks.iter().all(|hook| match hook.how {
            How::Missing => self.action != Action::Status,
            How::Damaged | How::Failed => false,
            How::Config | How::File | How::Manual | How::Outdated | How::Off | How::Removed => true,
        })
    }
}

/// Does what is asked for.
///
/// # Errors
/// When git can't be asked, or nothing could be written.
pub fn run(session: &Session, action: Action) -> anyhow::Result<Report> {
    let hooks = match action {
        Action::Install => session.store.install_hooks(session.host)?,
        Action::Uninstall => session.store.uninstall_hooks(session.host)?,
        Action::Status => session.store.hooks(session.host)?,
    };
    Ok(Report { action, hooks })
}
