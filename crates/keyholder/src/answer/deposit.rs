//! Deposits: the next segment keys go out, and count once their segments are stored.

use super::{Answered, Asking, No, open, recorded};
use crate::clock::now;
use crate::grants::OpenGrant;
use crate::locator::{self, Token};
use crate::mind::Additions;
use crate::random::random;
use crate::table::{FactsOf, NewFile};
use decision::{Event, Verdict};
use keyproto::Answer;
use keyproto::message::{Commit, Deposit, Failure, Grant, Target};
use ledger::Files;
use ledger::entry::LookUp;
use seal::{Chain, FileKey, Link, SealedHash};
use terms::{DEPOSIT_SEGMENTS_MAX, FileId, PracticeId};

impl<F: Files> Asking<'_, F> {
    pub(super) fn deposit(&self, deposit: Deposit) -> Answered {
        let Deposit { session, target, sections, facts } = deposit;
        if sections.len() > DEPOSIT_SEGMENTS_MAX {
            return Err("too many segments in one deposit".into());
        }
        let practice = self.practice(session)?;
        if let (Target::File(file), Some(_)) = (&target, &facts) {
            let (server, blind) = (self.peer.server, self.shared.ring.blind(*file));
            if !self.shared.mind()?.core.may_name(now(), server, session, &blind) {
                return Err("only who may open a file says how its patient is found".into());
            }
        }
        let ring = &self.shared.ring;
        let new = if let Target::New(new) = &target { Some(new) } else { None };
        let meant = |one| locator::identifier(&ring.tokens, practice, one);
        let source = new.and_then(|new| new.source.as_ref()).map(meant).transpose()?;
        let unless = new.and_then(|new| new.unless.as_ref()).map(meant).transpose()?;
        let free: Vec<(LookUp, Token)> = source.into_iter().chain(unless).collect();
        let known = facts.iter().flat_map(|facts| &facts.identifiers).map(meant);
        let all = known.chain(free.iter().copied().map(Ok));
        let identifiers = all.map(|one| Ok(one?.1)).collect::<Result<_, No>>()?;
        let tokens = facts.map(|facts| {
            let tokens = locator::tokens(&ring.tokens, practice, &facts)?;
            Ok::<_, No>((tokens, locator::ties(&ring.tokens, &facts)?))
        });
        let tokens = tokens.transpose()?;
        // Reserved before the locator is asked: of two that want one identifier, one waits.
        self.shared.grants.expire(now());
        let reservation = self.shared.grants.reserve(identifiers);
        let reservation = reservation.ok_or(No::Failed(Failure::Busy))?;
        let target = self.target(practice, target, &free)?;
        let decided = self.decide(Event::Deposit { session, target, sections })?;
        let granted = match decided.verdict {
            Verdict::Granted(granted) => granted,
            Verdict::Exists(named) => return Ok(Answer::Exists(named.id)),
            _ => return Err(self.otherwise(&decided, None)),
        };
        let (blind, segments) = (granted.file.file, granted.file.keys.clone());
        let known = |row, tokens, ties| FactsOf { row, blind, practice, tokens, ties };
        let facts = tokens.map(|(tokens, ties)| known(b"owner", tokens, Some(ties)));
        let source = source.map(|(_, token)| known(b"source", vec![token], None));
        let (file, key) = match (granted.new, granted.named) {
            (true, Some(named)) => (named.id, FileKey::generate()?),
            _ => self.file_key(blind)?,
        };
        let head = open::head(&granted.file);
        let keys = open::derive(&key, &segments)?;
        let grant = OpenGrant {
            server: self.peer.server,
            file,
            blind,
            head: Chain::from_bytes(head.into()),
            segments,
            new: granted.new.then_some(key),
            facts: facts.into_iter().chain(source).collect(),
            since: now(),
            reservation,
        };
        self.shared.grants.open(granted.grant, grant);
        let generation = open::GENERATION;
        Ok(Answer::Granted(Grant { grant: granted.grant, file, generation, head, keys }))
    }

    pub(super) fn commit(&self, commit: &Commit) -> Answered {
        let gone = || No::Failed(Failure::GrantGone);
        let grant = self.shared.grants.take(commit.grant, self.peer.server, now());
        let grant = grant.ok_or_else(gone)?;
        let OpenGrant { file, blind, head, segments, new, facts, reservation, .. } = grant;
        if commit.hashes.len() != segments.len() {
            self.abort(commit.grant)?;
            return Err("a commit names the hash of every segment".into());
        }
        let head = segments.iter().zip(&commit.hashes).fold(head, |chain, (segment, hash)| {
            let (sequence, section) = *segment;
            chain.then(file, &Link { section, sequence, sealed: SealedHash::from_bytes(**hash) })
        });
        let event = Event::Commit { grant: commit.grant, head: *head.as_bytes() };
        let file = new.map(|key| NewFile { blind, file, key });
        let additions = Additions { file, facts };
        let decided = self.shared.decide(self.peer.server, event, Some(additions));
        // The locator answers with the new rows from here on.
        drop(reservation);
        let decided = decided?;
        match decided.verdict {
            Verdict::Committed => Ok(recorded(&decided)),
            _ => Err(self.otherwise(&decided, None)),
        }
    }

    pub(super) fn abort(&self, grant: u64) -> Answered {
        drop(self.shared.grants.take(grant, self.peer.server, now()));
        let decided = self.decide(Event::Abort { grant })?;
        match decided.verdict {
            Verdict::Done => Ok(Answer::Done),
            _ => Err(self.otherwise(&decided, None)),
        }
    }

    /// Where the deposit goes; a new file only if none is found by one of these tokens.
    fn target(
        &self,
        practice: PracticeId,
        target: Target,
        free: &[(LookUp, Token)],
    ) -> Result<decision::Target, No> {
        let Target::New(new) = target else {
            return Ok(match target {
                Target::File(file) => decision::Target::File(self.named(file)),
                _ => decision::Target::Directory,
            });
        };
        let (shared, mut unless) = (self.shared, None);
        for (by, token) in free {
            let hits = shared.table.find(&shared.ring, practice, &[*token])?;
            if let Some(blind) = hits.files.first() {
                let file = self.named(self.file_key(*blind)?.0);
                return Ok(decision::Target::Taken { file, by: *by });
            }
            unless = Some(*by);
        }
        let file = self.named(random().map(FileId::from_bytes)?);
        Ok(decision::Target::New { file, list: new.list, unless })
    }
}
