//! What every command needs: the process, the common options, and how to answer.

use std::cell::RefCell;
use std::io::{ErrorKind, Write};
use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::host::Host;
use crate::model::id::TicketId;
use crate::ops::Session;
use crate::ops::joining::{self, Found};
use crate::ops::landing::{self, Effort};
use crate::ops::problem::BadTicket;
use crate::ops::session::Echo;
use crate::ops::uniting::{self, Arrival};
use crate::ui::color::{self, Painter};
use crate::ui::pager::Pager;
use crate::ui::progress::Progress;
use crate::ui::{pager, sanitize, stream};
use crate::view::change::ChangeView;

use super::args::{Global, RowArgs};
use super::commands::{init, land};
use super::failure::{self, Exit, Failure};
use super::{atoms, render};

/// The surroundings of one command.
pub struct Context<'h> {
    /// The process.
    pub host: &'h Host,
    /// The common options.
    pub global: Global,
    display: RefCell<Display>,
    warnings: RefCell<Vec<String>>,
    told: RefCell<Option<Arc<Mutex<Vec<String>>>>>,
    joinable: RefCell<Option<String>>,
}

/// What the person's settings say about screens.
#[derive(Debug, Clone, Default)]
struct Display {
    color: Option<String>,
    pager: Option<String>,
    is_paged: Option<bool>,
}

impl<'h> Context<'h> {
    /// Before anything is known of the repository.
    pub fn new(host: &'h Host, global: Global) -> Self {
        Context {
            host,
            global,
            display: RefCell::default(),
            warnings: RefCell::default(),
            told: RefCell::default(),
            joinable: RefCell::default(),
        }
    }

    /// Opens the repository, tells what in its settings is not understood, and records what landed since the
    /// last command.
    ///
    /// # Errors
    /// When there is none that can be used.
    pub fn session(&self) -> anyhow::Result<Session<'h>> {
        let session = self.session_as_it_is()?;
        if session.settings.catch_up && !self.global.no_catch_up {
            self.look_for_tickets(&session);
            self.catch_up(&session);
        }
        Ok(session)
    }

    /// Looks once whether the remote of a clone that was never set up has tickets.
    fn look_for_tickets(&self, session: &Session) {
        match joining::look(session) {
            Found::Nothing => {}
            Found::Tickets(remote) => *self.joinable.borrow_mut() = Some(remote),
            Found::Joined(_) if self.is_machine() => {}
            Found::Joined(setup) => {
                init::words(&setup).lines().for_each(|line| self.note(line));
                init::notes(&setup).iter().for_each(|note| self.note(note));
            }
        }
    }

    /// Says how to join the tickets of the remote, if that was found to be possible: in the hint of a command
    /// that failed for want of tickets, else beside the answer.
    pub fn tell_joinable(&self, failure: Option<&mut Failure>) {
        let Some(remote) = self.joinable.take() else { return };
        match failure {
            Some(failure) if failure.code == "not_initialised" => {
                failure.hint = Some(format!("git yoi init {remote}, which has tickets"));
            }
            None if !self.is_machine() => {
                let remote = sanitize::line(&remote);
                self.note(&format!("note: '{remote}' has tickets; git yoi init {remote} joins them"));
            }
            Some(_) | None => {}
        }
    }

    /// What can't be looked at or recorded now is found by a later command: this one goes on.
    fn catch_up(&self, session: &Session) {
        self.merge_fetched(session);
        match landing::catch_up(session, Effort::COMMAND, false) {
            _ if self.is_machine() => {}
            Ok(looked) => {
                for entry in &looked.entries {
                    self.note(land::line(entry, &Painter::new(false)).trim_end());
                }
            }
            Err(error) => self.note(&format!(
                "warning: what landed can't be recorded now: {}",
                sanitize::line(&format!("{error:#}"))
            )),
        }
    }

    /// Merges tickets that were fetched.
    pub fn merge_fetched(&self, session: &Session) {
        match uniting::merge_fetched(session) {
            _ if self.is_machine() => {}
            Ok(arrivals) => arrivals.iter().for_each(|arrival| self.tell_arrival(arrival)),
            Err(error) => self.note(&format!(
                "warning: fetched tickets can't be merged now: {}",
                sanitize::line(&format!("{error:#}"))
            )),
        }
    }

    /// Says what came of fetched tickets, and what in it somebody should look at.
    fn tell_arrival(&self, arrival: &Arrival) {
        if let Some(sentence) = arrival.sentence() {
            self.note(&sanitize::line(&sentence));
        }
        for (id, note) in arrival.attention() {
            let id = id.map(|id| format!("{id}: ")).unwrap_or_default();
            let (file, words) = (sanitize::line(&note.file), render::merged(&note.what));
            self.note(&format!("  {id}{file}: {}", sanitize::line(&words)));
        }
    }

    /// Opens the repository, and tells what in its settings is not understood.
    ///
    /// # Errors
    /// When there is none that can be used.
    pub fn session_as_it_is(&self) -> anyhow::Result<Session<'h>> {
        let session = Session::open(self.host, self.global.actor.as_deref())?;
        if self.host.terminal.stderr {
            let meter = RefCell::new(self.meter("reading tickets"));
            session.tell_progress(move |done, total| meter.borrow_mut().tick(done, total));
        }
        let setting = |key: &str| session.store.setting(key);
        let own = setting("pager.yoi");
        // `pager.yoi` is a truth value or a command, as git's `pager.<cmd>`.
        let is_paged = own.is_some().then(|| session.store.switch("pager.yoi")).flatten();
        let command = own.filter(|_| is_paged.is_none());
        *self.display.borrow_mut() = Display {
            color: setting("color.yoi").or_else(|| setting("color.ui")),
            pager: command.or_else(|| setting("core.pager")),
            is_paged,
        };
        self.warnings.borrow_mut().extend(session.warnings.iter().cloned());
        *self.told.borrow_mut() = Some(session.store.told());
        Ok(session)
    }

    /// Colours, as flag, environment and settings want them.
    pub fn painter(&self) -> Painter {
        let display = self.display.borrow();
        let is_on = !self.is_machine()
            && color::decide(self.host, self.global.color, display.color.as_deref(), false);
        Painter::new(is_on)
    }

    /// Whether a program reads the answer.
    pub fn is_machine(&self) -> bool {
        self.global.json || self.global.porcelain
    }

    /// Whether rows for a program are wanted: `--porcelain`, `--format`, or `-z`, which means porcelain.
    pub fn wants_rows(&self, args: &RowArgs) -> bool {
        self.global.porcelain || args.format.is_some() || args.nul
    }

    /// The width rows must fit in; `None` where nothing may be shortened.
    pub fn width(&self) -> Option<usize> {
        self.host.terminal.width.filter(|_| self.host.terminal.stdout)
    }

    /// Prints an answer.
    ///
    /// # Errors
    /// When standard output can't be written.
    pub fn answer(&self, text: &str) -> anyhow::Result<()> {
        Ok(stream::answer(self.host, text)?)
    }

    /// Prints an answer that may be long, through the pager where there is one.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn page(&self, text: &str) -> anyhow::Result<()> {
        let Some(program) = self.pager() else { return self.answer(text) };
        match pager::page(self.host, &program, text) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => {
                self.note(&format!("warning: can't run the pager '{}'", sanitize::line(&program)));
                self.answer(text)
            }
            outcome => Ok(outcome?),
        }
    }

    /// Prints an answer that comes bit by bit, through the pager where there is one. `write` is asked
    /// again when the pager turns out not to be there.
    ///
    /// # Errors
    /// What `write` says, or when the answer can't be written.
    pub fn page_bit_by_bit(
        &self,
        write: impl Fn(&mut dyn Write) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let plainly = || write(&mut *self.host.stdout.borrow_mut());
        let Some(program) = self.pager() else { return plainly() };
        let pager = Pager::open(self.host, &program)?;
        let written = write(&mut pager.pipe());
        match pager.close() {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => {
                self.note(&format!("warning: can't run the pager '{}'", sanitize::line(&program)));
                plainly()
            }
            Err(error) => Err(error.into()),
            Ok(()) => written,
        }
    }

    /// The pager for this answer, if any.
    fn pager(&self) -> Option<String> {
        let display = self.display.borrow();
        let program = pager::program(self.host, display.pager.as_deref(), display.is_paged);
        program.filter(|_| !self.is_machine() && !self.global.no_pager)
    }

    /// Prints one JSON document.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn json(&self, view: &impl Serialize) -> anyhow::Result<()> {
        let document = serde_json::to_string_pretty(view)?;
        self.answer(&format!("{}\n", sanitize::json(&document)))
    }

    /// Says something on stderr.
    pub fn note(&self, line: &str) {
        stream::note(self.host, line);
    }

    /// Tells what in the settings is not understood, and what was found in the repository. Not beside a JSON error: that stands alone on stderr.
    pub fn tell_warnings(&self, has_failed: bool) {
        if !(has_failed && self.global.json) {
            for warning in self.warnings.borrow().iter() {
                self.note(&format!("warning: {}", sanitize::line(warning)));
            }
            let told = self.told.borrow();
            let told = told.as_ref().and_then(|told| told.lock().ok());
            for words in told.iter().flat_map(|told| told.iter()) {
                self.note(&format!("warning: {}", sanitize::line(words)));
            }
        }
    }

    /// Tells an error.
    pub fn fail(&self, failure: &Failure) {
        failure::print(self.host, failure, self.global.json);
    }

    /// Prints rows for programs: as `--format` says, else the fields of porcelain rows.
    ///
    /// # Errors
    /// When the format is wrong or the rows can't be written.
    pub fn rows<T: Serialize>(
        &self,
        args: &RowArgs,
        rows: &[T],
        known: &[&str],
        porcelain: &[&str],
    ) -> anyhow::Result<()> {
        let format = match &args.format {
            Some(format) => atoms::parse(format, known)?,
            None => atoms::porcelain(porcelain),
        };
        let end = if args.nul { '\0' } else { '\n' };
        let mut out = String::new();
        for row in rows {
            out.push_str(&atoms::fill(&format, &serde_json::to_value(row)?));
            out.push(end);
        }
        self.answer(&out)
    }

    /// Tells what a write did.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn echo(&self, echo: &Echo) -> anyhow::Result<Exit> {
        if self.global.json {
            self.json(&ChangeView::new(echo))?;
        } else if self.global.porcelain {
            self.answer(&format!("{}\t{}\n", echo.id, sanitize::line(&echo.summary)))?;
        } else {
            let painter = self.painter();
            self.answer(&render::echo(echo, &painter))?;
        }
        Ok(Exit::Done)
    }

    /// Shows how far something is, where somebody looks and it takes a while.
    pub fn meter(&self, label: &'static str) -> Meter<'h> {
        Meter { host: self.host, label, progress: None }
    }

    /// Names tickets that were passed over, and says how that makes the command exit.
    pub fn tell_skipped(&self, skipped: &[BadTicket]) -> Exit {
        for bad in skipped.iter().filter(|_| !self.global.json) {
            let (name, why) = (sanitize::line(&bad.name), sanitize::line(&bad.why));
            self.note(&format!("warning: {name} is left out: {why}"));
        }
        if skipped.is_empty() { Exit::Done } else { Exit::No }
    }

    /// Names tickets that an answer had to do without.
    pub fn tell_unreadable(&self, unreadable: &[(TicketId, String)], damaged: &[String]) {
        for (id, why) in unreadable {
            self.note(&format!("warning: {id} is left out: {}", sanitize::line(why)));
        }
        for what in damaged {
            self.note(&format!("warning: tickets are left out: {}", sanitize::line(what)));
        }
    }
}

/// How far something is.
pub struct Meter<'h> {
    host: &'h Host,
    label: &'static str,
    progress: Option<Progress<'h>>,
}

impl Meter<'_> {
    /// So many of so many are done.
    pub fn tick(&mut self, done: usize, total: usize) {
        let shown =
            self.progress.get_or_insert_with(|| Progress::new(self.host, self.label, Some(total as u64)));
        shown.tick(done as u64);
    }

    /// All is done.
    pub fn finish(self) {
        if let Some(progress) = self.progress {
            progress.finish();
        }
    }
}
