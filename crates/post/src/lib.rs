//! The letter run: from a list of files to letters, each person exactly one.
//!
//! ```text
//! prepare -> two officers sign -> run: open (spool), plan, batches -> sent, returned, unreachable
//! ```
//!
//! Trust: the only plaintext is in the folder that a run writes to: names and addresses while it
//! works, and the letters. The incident's folder keeps file ids, counts, hashes of codes and what
//! became of each letter. What opens files is handed in, and opens what two officers approved.

mod batches;
mod codes;
mod delivery;
mod error;
mod exposed;
mod job;
mod mail;
mod measured;
mod out;
mod place;
mod plan;
mod press;
mod run;
mod spool;

pub use batches::Form;
pub use codes::Known;
pub use delivery::{SUBSTITUTE_FROM, Told, ToldOfJob};
pub use error::{PostError, Result};
pub use exposed::Read;
pub use job::{JobFile, Preparing, Whose};
pub use mail::{Checked, Post, check, mark, sent};
pub use measured::{Ease, Measured};
pub use place::Ages;
pub use run::{Ended, IsDone, Opener, Progress, Run, Settings, Take};

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(PostError::world("random bytes"))?;
    Ok(bytes)
}
