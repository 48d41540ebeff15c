//! Entries about one file, each with its proof, for whoever trusts nobody.
//!
//! Trust: decided exactly as a report about the file, and shows of an entry what a report tells.
//! An entry that names other files too is left out even for an officer: what is shown here is made
//! to be handed on.

use super::{Answered, Asking, Forwarded, No};
use crate::entries::Opener;
use crate::error::{KeyholderError, Result};
use crate::report::About;
use keyproto::Answer;
use keyproto::message::{AskedProof, Disclosed, NAMING, PROVE_ENTRIES_MAX, Prove, Proved, naming};
use ledger::entry::Entry;
use ledger::{Files, Head, commitment};
use terms::Blind;

/// After so many bytes the rest is asked for again.
const BYTES_MAX: usize = 1024 * 1024;

impl<F: Files> Asking<'_, F> {
    pub(super) fn prove(&self, prove: Prove) -> Answered {
        let Prove { session, proof, method, url, asked } = prove;
        let AskedProof { file, entries, size, older } = asked;
        if entries.len() > PROVE_ENTRIES_MAX {
            return Err("that is more entries than one request may ask for".into());
        }
        crate::report::allowed(self, Forwarded { session, proof, method, url }, Some(file))?;
        let head = self.head_at(size)?;
        if older.unwrap_or_default() > head.size || entries.iter().any(|n| *n >= head.size) {
            return Err("the ledger has fewer entries than that".into());
        }
        let (signer, blind) = (&self.shared.ring.signer, self.shared.ring.blind(file));
        let text = naming(head.size, &head.root, file, blind);
        let (naming, checkpoint) = (signer.sign_note(NAMING, &text), signer.sign(&head));
        let mut proved =
            Proved { checkpoint, naming, entries: vec![], left_out: vec![], consistency: vec![] };
        if let Some(older) = older {
            let proof = self.shared.log().consistency_proof(older, head.size);
            let proof = proof.map_err(KeyholderError::from)?;
            proved.consistency = proof.into_iter().map(Into::into).collect();
        }
        let (mut opener, mut bytes) = (Opener::new(&self.shared.ring), 0);
        for number in entries {
            match self.disclosed(&mut opener, &head, blind, number)? {
                Some(disclosed) => {
                    bytes += disclosed.leaf.len() + disclosed.entry.len();
                    proved.entries.push(disclosed);
                }
                None => proved.left_out.push(number),
            }
            if bytes >= BYTES_MAX {
                break;
            }
        }
        Ok(Answer::Proved(proved))
    }

    /// The head of the ledger when it had this size.
    fn head_at(&self, size: Option<u64>) -> std::result::Result<Head, No> {
        let log = self.shared.log();
        match size {
            None => Ok(log.head()),
            Some(size) if size > log.head().size => {
                Err("the ledger has fewer entries than that".into())
            }
            Some(size) => Ok(Head { size, root: log.root_at(size).map_err(KeyholderError::from)? }),
        }
    }

    /// The entry, unless it names other files as well. The ledger is given free in between.
    fn disclosed(
        &self,
        opener: &mut Opener,
        head: &Head,
        blind: Blind,
        number: u64,
    ) -> std::result::Result<Option<Disclosed>, No> {
        let (log, mut found) = (self.shared.log(), None);
        log.read(number..number + 1, |number, leaf| -> Result<()> {
            let (salt, bytes) = opener.open(number, leaf)?;
            found = Some((leaf.to_vec(), *salt, bytes.to_vec()));
            Ok(())
        })?;
        let damaged = || KeyholderError::Tampered(format!("entry {number} is not what it says"));
        let (leaf, salt, bytes) = found.ok_or_else(damaged)?;
        let own = ledger::Leaf::parse(&leaf).map_err(KeyholderError::from)?.commitment;
        if *own != commitment(&salt, &bytes) {
            return Err(damaged().into());
        }
        let entry = Entry::from_bytes(&bytes).map_err(|_| damaged())?;
        let files = About::of(&entry.act).files;
        if !files.contains(&blind) {
            return Err("an entry that is not about this file".into());
        }
        if files.iter().any(|file| *file != blind) {
            return Ok(None);
        }
        let path = log.inclusion_proof(number, head.size).map_err(KeyholderError::from)?;
        let path = path.into_iter().map(Into::into).collect();
        let (leaf, entry) = (leaf.into(), bytes.into());
        Ok(Some(Disclosed { number, leaf, salt: salt.into(), entry, path }))
    }
}
