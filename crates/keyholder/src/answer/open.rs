//! Openings: what was decided and recorded becomes keys here, and nowhere else.

use super::{Answered, Asking, Forwarded, No};
use crate::clock::now;
use crate::error::KeyholderError;
use crate::locator;
use decision::{Event, FileView, Released, Verdict};
use keyproto::Answer;
use keyproto::jws::sha256;
use keyproto::message::{Key, Open, Present, Release, Session};
use ledger::Files;
use seal::{Chain, FileKey};
use terms::{
    Blind, CardId, Duration, FileId, PracticeId, Purpose, RelationClass, Role, SESSION_HOURS_MAX,
    Section, Sections, SessionId,
};

/// Every file key is of this generation: a rotation wraps it anew and does not change it.
pub(super) const GENERATION: u32 = 0;

impl<F: Files> Asking<'_, F> {
    pub(super) fn open(&self, open: Open) -> Answered {
        let Open { session, proof, method, url, file } = open;
        let asked = self.verified(Forwarded { session, proof, method, url }, Some(file));
        let named = self.named(file);
        let asked = asked.inspect_err(|_| self.same_work(named.blind))?;
        let close = self.close(session, named.blind)?;
        let decided = self.decide(Event::Open { asked, file: named, close })?;
        match decided.verdict {
            Verdict::Opened(released) => Ok(Answer::Opened(self.release(released)?)),
            _ => {
                self.same_work(named.blind);
                Err(self.otherwise(&decided, Some(file)))
            }
        }
    }

    /// Whether the patient is somebody close to the holder of the session's card: the same family
    /// name or address, the holder, or somebody on the staff of the same practice.
    fn close(&self, session: SessionId, file: Blind) -> Result<bool, No> {
        let ring = &self.shared.ring;
        let (mut own, home, staff) = {
            let mind = self.shared.mind()?;
            let Some((holder, home, staff)) = mind.core.state().between(session, file) else {
                return Ok(false);
            };
            (locator::family(&ring.tokens, holder), home, staff)
        };
        if let Some(home) = home {
            own.extend(self.shared.table.ties(ring, home)?);
        }
        let theirs = self.shared.table.ties(ring, file)?;
        Ok(staff || home == Some(file) || own.iter().any(|tie| theirs.contains(tie)))
    }

    pub(super) fn present(&self, present: &Present) -> Answered {
        let decided = self.decide(Event::Present { token: sha256(present.token.as_bytes()) })?;
        match decided.verdict {
            Verdict::Opened(released) => Ok(Answer::Opened(self.release(released)?)),
            _ => Err(self.otherwise(&decided, None)),
        }
    }

    /// The directory holds nothing about patients, so it belongs to no session.
    pub(super) fn directory(&self) -> Answered {
        let decided = self.decide(Event::Directory)?;
        let Verdict::Directory(view) = decided.verdict else {
            return Err(self.otherwise(&decided, None));
        };
        let until = now() + Duration::from_hours(SESSION_HOURS_MAX);
        let nobody = Session {
            session: SessionId::from_bytes([0; SessionId::LENGTH]),
            card: CardId::from_bytes([0; CardId::LENGTH]),
            role: Role::System,
            practice: PracticeId::from_bytes([0; PracticeId::LENGTH]),
            until,
            thumbprint: [0; 32].into(),
            file: None,
        };
        let (file, keys) = self.keys(&view)?;
        Ok(Answer::Opened(Release {
            file,
            generation: GENERATION,
            segments: view.segments,
            head: head(&view),
            sections: view.keys.iter().map(|(_, section)| *section).collect(),
            hidden: Sections::NONE,
            class: RelationClass::Own,
            purpose: Purpose::Operations,
            keys,
            entry: decided.entry,
            session: nobody,
            until,
        }))
    }

    /// The keys that a recorded decision releases.
    pub(super) fn release(&self, released: Released) -> Result<Release, No> {
        let (file, keys) = self.keys(&released.file)?;
        Ok(Release {
            file,
            generation: GENERATION,
            segments: released.file.segments,
            head: head(&released.file),
            sections: released.sections,
            hidden: released.hidden,
            class: released.class,
            purpose: released.purpose,
            keys,
            entry: released.entry,
            session: self.session(&released.session)?,
            until: released.until,
        })
    }

    fn keys(&self, view: &FileView) -> Result<(FileId, Vec<Key>), No> {
        let (file, key) = self.file_key(view.file)?;
        Ok((file, derive(&key, &view.keys)?))
    }

    /// The key of a file that the ledger knows.
    pub(super) fn file_key(&self, blind: Blind) -> Result<(FileId, FileKey), No> {
        let found = self.shared.table.get(&self.shared.ring, blind)?;
        found.ok_or_else(|| {
            let text = "the key table lacks a file that the ledger knows";
            KeyholderError::Tampered(text.into()).into()
        })
    }

    /// Does for a refusal what an opening costs, so that time tells nothing; keeps nothing of it.
    pub(super) fn same_work(&self, blind: Blind) {
        let view = self.shared.mind().ok().and_then(|mind| mind.core.state().file(blind));
        let found = self.shared.table.get(&self.shared.ring, blind).ok().flatten();
        let key = found.map(|(_, key)| key).or_else(|| FileKey::generate().ok());
        let segments = view.map_or_else(|| vec![(0, Section::Label); 16], |view| view.keys);
        let _ = key.map(|key| derive(&key, &segments));
    }
}

pub(super) fn head(view: &FileView) -> keyproto::message::Hash {
    view.head.unwrap_or(*Chain::EMPTY.as_bytes()).into()
}

/// The keys of these segments.
pub(super) fn derive(key: &FileKey, segments: &[(u32, Section)]) -> crate::error::Result<Vec<Key>> {
    let keys = segments.iter().map(|&(sequence, section)| {
        let key = key.segment_key(section, sequence, GENERATION)?;
        Ok(Key { sequence, section, key: *key.as_bytes() })
    });
    keys.collect()
}
