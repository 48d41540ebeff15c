//! Sealed messages by mailbox, one file each in one folder, with bounds on all of it.
//!
//! Trust: whoever reads the folder learns how many mailboxes there are, when messages came and how
//! long they are. A message counts as received when file and folder were synced.

use crate::lines::time;
use crate::phrase::Mailbox;
use crate::{SEALED_BYTES_MAX, Sealed};
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::ops::RangeInclusive;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use terms::Time;

/// Most messages of one sender in one mailbox.
pub const MESSAGES_OF_SENDER_MAX: u32 = 64;
/// Longest file of a message: sealed bytes in base64, a receipt, and names.
const FILE_BYTES_MAX: u64 = 128 << 10;

/// The folder of messages.
pub struct Messages {
    folder: PathBuf,
    bounds: Bounds,
    /// One writer of this process at a time, so that the bounds hold.
    writing: Mutex<()>,
}

/// What the folder holds at most.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Messages, whoever sent them.
    pub messages: usize,
    /// Bytes of their files together.
    pub bytes: u64,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sender {
    /// A finder.
    Finder,
    /// The officer.
    Officer,
}

/// A message that is kept.
#[derive(Debug)]
pub struct Kept {
    /// Who wrote it.
    pub from: Sender,
    /// Which of this sender's messages in this mailbox, counted from 1.
    pub number: u32,
    /// When it came.
    pub at: Time,
    /// The sealed message.
    pub sealed: Vec<u8>,
    /// The receipt that was given for it.
    pub receipt: Option<String>,
}

/// A message is not kept, or cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Longer than a message may be, or empty.
    #[error("a message has 1 to {SEALED_BYTES_MAX} bytes, sealed")]
    Length,
    /// There is no room for new mailboxes, or for anything.
    #[error("there is no room for more messages: an officer has to erase closed ones")]
    Full,
    /// This mailbox holds as many as one may.
    #[error("this mailbox is full: begin another one")]
    MailboxFull,
    /// A file is not what was written.
    #[error("a message's file was altered or cut")]
    Altered,
    /// The disk.
    #[error("the folder of messages: {0}")]
    World(#[from] io::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    at: String,
    sealed: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    receipt: Option<String>,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { messages: 4096, bytes: 128 << 20 }
    }
}

impl Messages {
    /// Opens the folder, and makes it if it is not there.
    pub fn open(folder: &Path, bounds: Bounds) -> Result<Messages, StoreError> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Messages { folder: folder.to_owned(), bounds, writing: Mutex::new(()) })
    }

    /// Keeps a message, on disk when this returns, and says its number. The last quarter of the
    /// room is for mailboxes that are there already: a flood does not end conversations.
    pub fn put(
        &self,
        mailbox: &Mailbox,
        from: Sender,
        sealed: &[u8],
        at: Time,
        receipt: Option<String>,
    ) -> Result<u32, StoreError> {
        if sealed.is_empty() || sealed.len() > SEALED_BYTES_MAX {
            return Err(StoreError::Length);
        }
        let written =
            Written { version: 1, at: at.to_string(), sealed: BASE64.encode(sealed), receipt };
        let text = serde_json::to_vec(&written).map_err(io::Error::other)?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let names = self.names()?;
        self.room(mailbox, &names, text.len())?;
        let is_theirs = |name: &&Name| name.mailbox == *mailbox && name.from == from;
        let last = names.iter().filter(is_theirs).map(|name| name.number).max().unwrap_or(0);
        self.write(mailbox, from, last + 1..=MESSAGES_OF_SENDER_MAX, &text)
    }

    /// Keeps the officer's next answer, which is sealed for its number.
    pub fn put_answer(
        &self,
        mailbox: &Mailbox,
        at: Time,
        seal: impl Fn(u32) -> Result<Vec<u8>, Sealed>,
    ) -> Result<u32, StoreError> {
        for number in self.answers(mailbox)?.0.len() as u32 + 1..=MESSAGES_OF_SENDER_MAX {
            let sealed = seal(number).map_err(|_| StoreError::Length)?;
            let written = Written {
                version: 1,
                at: at.to_string(),
                sealed: BASE64.encode(&sealed),
                receipt: None,
            };
            let text = serde_json::to_vec(&written).map_err(io::Error::other)?;
            self.room(mailbox, &self.names()?, text.len())?;
            match self.write(mailbox, Sender::Officer, number..=number, &text) {
                // Another officer was faster: the next number, sealed anew.
                Err(StoreError::MailboxFull) => {}
                done => return done,
            }
        }
        Err(StoreError::MailboxFull)
    }

    fn room(&self, mailbox: &Mailbox, names: &[Name], more: usize) -> Result<(), StoreError> {
        let mut bytes = more as u64;
        for name in names {
            // One that was erased in between takes no room.
            bytes += self.path(name).metadata().map_or(0, |m| m.len());
        }
        let is_known = names.iter().any(|name| name.mailbox == *mailbox);
        let share = |most: u64| if is_known { most } else { most / 4 * 3 };
        let fits = (names.len() as u64) < share(self.bounds.messages as u64)
            && bytes <= share(self.bounds.bytes);
        if fits { Ok(()) } else { Err(StoreError::Full) }
    }

    /// Writes beside, syncs, and gives it the next name that is free: another process may write
    /// too.
    fn write(
        &self,
        mailbox: &Mailbox,
        from: Sender,
        numbers: RangeInclusive<u32>,
        text: &[u8],
    ) -> Result<u32, StoreError> {
        let beside = crate::random::<8>().map_err(|_| io::Error::other("no random bytes"))?;
        let beside = self.folder.join(format!("{}.new", HEXLOWER.encode(&beside)));
        let written = self.write_beside(&beside, mailbox, from, numbers, text);
        // It has its name by now, or was refused; either way this one is done with.
        let _ = std::fs::remove_file(&beside);
        let number = written?;
        File::open(&self.folder)?.sync_all()?;
        Ok(number)
    }

    fn write_beside(
        &self,
        beside: &Path,
        mailbox: &Mailbox,
        from: Sender,
        numbers: RangeInclusive<u32>,
        text: &[u8],
    ) -> Result<u32, StoreError> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
        file.write_all(text)?;
        file.sync_all()?;
        for number in numbers {
            match std::fs::hard_link(beside, self.path(&Name { mailbox: *mailbox, from, number })) {
                Ok(()) => return Ok(number),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::MailboxFull)
    }

    /// The messages of a mailbox in the order in which they came; none if nobody knows it.
    pub fn of(&self, mailbox: &Mailbox) -> Result<Vec<Kept>, StoreError> {
        let names = self.names()?;
        let mine = names.iter().filter(|name| name.mailbox == *mailbox);
        let mut kept = mine.map(|name| self.read(name)).collect::<Result<Vec<_>, _>>()?;
        kept.sort_by_key(|message| (message.at, message.from, message.number));
        Ok(kept)
    }

    /// The officer's messages alone, by number, and how many the finder's are.
    pub fn answers(&self, mailbox: &Mailbox) -> Result<(Vec<Kept>, usize), StoreError> {
        let names = self.names()?;
        let mine = names.iter().filter(|name| name.mailbox == *mailbox);
        let (officer, finder): (Vec<&Name>, Vec<&Name>) =
            mine.partition(|name| name.from == Sender::Officer);
        let read = officer.into_iter().map(|name| self.read(name));
        let mut answers = read.collect::<Result<Vec<_>, _>>()?;
        answers.sort_by_key(|message| message.number);
        Ok((answers, finder.len()))
    }

    /// Every mailbox with a message in it.
    pub fn mailboxes(&self) -> Result<Vec<Mailbox>, StoreError> {
        let mailboxes: BTreeSet<_> = self.names()?.iter().map(|name| name.mailbox).collect();
        Ok(mailboxes.into_iter().collect())
    }

    /// Removes a mailbox's messages, and says how many.
    pub fn erase(&self, mailbox: &Mailbox) -> Result<usize, StoreError> {
        let mut erased = 0;
        for name in self.names()?.iter().filter(|name| name.mailbox == *mailbox) {
            std::fs::remove_file(self.path(name))?;
            erased += 1;
        }
        File::open(&self.folder)?.sync_all()?;
        Ok(erased)
    }

    /// Removes what was being written when a process died an hour ago or earlier.
    pub fn sweep(&self) -> Result<(), StoreError> {
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let is_beside = entry.path().extension().is_some_and(|ending| ending == "new");
            let age = entry.metadata().and_then(|m| m.modified()).map(|at| at.elapsed());
            let is_old = matches!(age, Ok(Ok(age)) if age.as_secs() >= 3600);
            if is_beside && is_old {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// How much of the room is taken, in percent: of messages or bytes, whichever is more.
    pub fn taken(&self) -> Result<u64, StoreError> {
        let names = self.names()?;
        let sizes = names.iter().map(|name| self.path(name).metadata().map_or(0, |m| m.len()));
        let by_bytes = sizes.sum::<u64>() * 100 / self.bounds.bytes.max(1);
        Ok(by_bytes.max(names.len() as u64 * 100 / (self.bounds.messages as u64).max(1)))
    }

    fn read(&self, name: &Name) -> Result<Kept, StoreError> {
        let mut text = Vec::new();
        File::open(self.path(name))?.take(FILE_BYTES_MAX).read_to_end(&mut text)?;
        let (at, sealed, receipt) = parse(&text).ok_or(StoreError::Altered)?;
        Ok(Kept { from: name.from, number: name.number, at, sealed, receipt })
    }

    fn names(&self) -> Result<Vec<Name>, StoreError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            // What has another name is not a message; a link or pipe is not followed.
            if entry.file_type()?.is_file() {
                names.extend(entry.file_name().to_str().and_then(Name::parse));
            }
        }
        Ok(names)
    }

    fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(name.to_string())
    }
}

/// Reads a message's file: time, sealed bytes, receipt.
pub fn parse(text: &[u8]) -> Option<(Time, Vec<u8>, Option<String>)> {
    let Written { version, at, sealed, receipt } = serde_json::from_slice(text).ok()?;
    let sealed = BASE64.decode(sealed.as_bytes()).ok()?;
    (version == 1).then_some((time(&at)?, sealed, receipt))
}

/// Mailbox, sender and number, as a file's name says them.
#[derive(Clone, Copy)]
struct Name {
    mailbox: Mailbox,
    from: Sender,
    number: u32,
}

impl Name {
    fn parse(text: &str) -> Option<Name> {
        let (mailbox, rest) = text.split_once('-')?;
        let (from, number) = rest.strip_suffix(".json")?.split_once('-')?;
        let from = match from {
            "finder" => Sender::Finder,
            "officer" => Sender::Officer,
            _ => return None,
        };
        Some(Name { mailbox: mailbox.parse().ok()?, from, number: number.parse().ok()? })
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let from = match self.from {
            Sender::Finder => "finder",
            Sender::Officer => "officer",
        };
        write!(f, "{}-{from}-{}.json", self.mailbox, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrase::Phrase;

    fn mailbox() -> Mailbox {
        Phrase::make().unwrap().mailbox().unwrap()
    }

    const NOW: Time = Time::from_millis(1_795_694_400_000);

    #[test]
    fn messages_come_back_in_order_by_mailbox() {
        let folder = tempfile::tempdir().unwrap();
        let store = Messages::open(folder.path(), Bounds::default()).unwrap();
        let (one, two) = (mailbox(), mailbox());
        let later = NOW + terms::Duration::from_seconds(1);
        store.put(&one, Sender::Finder, b"a", NOW, Some("receipt".into())).unwrap();
        store.put(&two, Sender::Finder, b"b", NOW, None).unwrap();
        assert_eq!(store.put(&one, Sender::Officer, b"c", later, None).unwrap(), 1);
        let again = Messages::open(folder.path(), Bounds::default()).unwrap();
        assert_eq!(again.put(&one, Sender::Finder, b"d", later, None).unwrap(), 2);
        let kept = again.of(&one).unwrap();
        let told: Vec<_> = kept.iter().map(|k| (k.from, k.number, &k.sealed[..])).collect();
        let finder = |n, text: &'static [u8]| (Sender::Finder, n, text);
        assert_eq!(told, [finder(1, b"a"), finder(2, b"d"), (Sender::Officer, 1, b"c")]);
        assert_eq!(kept[0].receipt.as_deref(), Some("receipt"));
        assert_eq!(again.mailboxes().unwrap().len(), 2);
        assert_eq!((again.erase(&one).unwrap(), again.of(&one).unwrap().len()), (3, 0));
        assert_eq!(again.of(&two).unwrap().len(), 1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing left beside");
    }

    #[test]
    fn the_room_is_bounded_and_the_last_of_it_is_for_those_who_talk_already() {
        let folder = tempfile::tempdir().unwrap();
        let bounds = Bounds { messages: 8, bytes: 1 << 20 };
        let store = Messages::open(folder.path(), bounds).unwrap();
        let first = mailbox();
        store.put(&first, Sender::Finder, b"a", NOW, None).unwrap();
        let flood =
            (0..20).filter(|_| store.put(&mailbox(), Sender::Finder, b"x", NOW, None).is_ok());
        assert_eq!(flood.count(), 5);
        let full = || store.put(&first, Sender::Finder, b"b", NOW, None);
        assert!(full().is_ok() && store.put(&first, Sender::Officer, b"c", NOW, None).is_ok());
        assert!(matches!(full(), Err(StoreError::Full)));
        assert_eq!(store.taken().unwrap(), 100);
        for length in [0, SEALED_BYTES_MAX + 1] {
            let put = store.put(&first, Sender::Finder, &vec![0; length], NOW, None);
            assert!(matches!(put, Err(StoreError::Length)));
        }
        let small = Messages::open(folder.path(), Bounds { messages: 99, bytes: 1000 }).unwrap();
        assert!(matches!(
            small.put(&first, Sender::Finder, &[0; 900], NOW, None),
            Err(StoreError::Full)
        ));
    }

    #[test]
    fn an_answer_is_sealed_for_the_number_that_it_gets() {
        let folder = tempfile::tempdir().unwrap();
        let store = Messages::open(folder.path(), Bounds::default()).unwrap();
        let one = mailbox();
        store.put(&one, Sender::Finder, b"a", NOW, None).unwrap();
        for number in 1..=3 {
            let put = store.put_answer(&one, NOW, |number| Ok(vec![number as u8])).unwrap();
            assert_eq!(put, number);
        }
        let (answers, received) = store.answers(&one).unwrap();
        let sealed: Vec<_> = answers.iter().map(|kept| kept.sealed[0]).collect();
        assert_eq!((sealed, received), (vec![1, 2, 3], 1));
    }

    #[test]
    fn one_mailbox_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let store = Messages::open(folder.path(), Bounds::default()).unwrap();
        let one = mailbox();
        for number in 1..=MESSAGES_OF_SENDER_MAX {
            assert_eq!(store.put(&one, Sender::Finder, b"a", NOW, None).unwrap(), number);
        }
        let more = store.put(&one, Sender::Finder, b"a", NOW, None);
        assert!(matches!(more, Err(StoreError::MailboxFull)));
    }

    #[test]
    fn other_files_are_no_messages_and_cut_ones_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Messages::open(folder.path(), Bounds::default()).unwrap();
        let one = mailbox();
        std::fs::write(folder.path().join("letter-codes"), "x").unwrap();
        std::fs::write(folder.path().join(format!("{one}-finder-x.json")), "x").unwrap();
        let link = folder.path().join(format!("{one}-finder-7.json"));
        std::os::unix::fs::symlink(folder.path().join("letter-codes"), &link).unwrap();
        assert!(store.mailboxes().unwrap().is_empty());
        std::fs::remove_file(link).unwrap();
        store.put(&one, Sender::Finder, b"abc", NOW, None).unwrap();
        std::fs::write(folder.path().join(format!("{one}-finder-1.json")), "{").unwrap();
        assert!(matches!(store.of(&one), Err(StoreError::Altered)));
        let [old, new] = ["old.new", "young.new"].map(|name| folder.path().join(name));
        for path in [&old, &new] {
            std::fs::write(path, "x").unwrap();
        }
        let hours = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
        File::options().write(true).open(&old).unwrap().set_modified(hours).unwrap();
        store.sweep().unwrap();
        assert!(!old.exists() && new.exists(), "one that is being written stays");
    }
}
