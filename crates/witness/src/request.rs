//! The body of `add-checkpoint`: an old size, a proof, an empty line, a checkpoint.

use data_encoding::BASE64;
use ledger::Hash;

/// Longest request that is read, in bytes.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024;
const PROOF_LINES_MAX: usize = 63;

/// A request, taken apart; nothing of it was verified.
pub struct Request<'b> {
    /// The size that the client believes the witness to have cosigned last.
    pub old: u64,
    /// The consistency proof from there to the checkpoint.
    pub proof: Vec<Hash>,
    /// The checkpoint, with its signatures.
    pub checkpoint: &'b [u8],
}

impl<'b> Request<'b> {
    /// Takes a body apart.
    pub fn parse(body: &'b [u8]) -> Option<Request<'b>> {
        if body.len() > REQUEST_BYTES_MAX {
            return None;
        }
        let text = std::str::from_utf8(body).ok()?;
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let digits = lines.next()?.strip_prefix("old ")?;
        let old: u64 = digits.parse().ok().filter(|old: &u64| old.to_string() == digits)?;
        let hash = |line: &str| BASE64.decode(line.as_bytes()).ok()?.try_into().ok();
        let proof: Vec<Hash> = lines.map(hash).collect::<Option<_>>()?;
        let short = proof.len() <= PROOF_LINES_MAX;
        short.then_some(Request { old, proof, checkpoint: checkpoint.as_bytes() })
    }

    /// The first line of the checkpoint: which log it is of, as it says itself.
    pub fn origin(&self) -> &str {
        let line = self.checkpoint.split(|byte| *byte == b'\n').next().unwrap_or_default();
        std::str::from_utf8(line).unwrap_or_default()
    }

    /// The body that says this; what a log sends to its witnesses.
    pub fn body(old: u64, proof: &[Hash], checkpoint: &str) -> String {
        let proof: String = proof.iter().map(|hash| BASE64.encode(hash) + "\n").collect();
        format!("old {old}\n{proof}\n{checkpoint}")
    }
}
