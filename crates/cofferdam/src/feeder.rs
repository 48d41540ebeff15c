//! The feeder's process: carries the ledger's checkpoints to its witnesses and their cosignatures
//! back. It holds no key and sees sizes and hashes alone.
//!
//! Trust: none. Withheld, cosignatures are missing, and then the keyholder serves emergencies only.

use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::serve::end_with_parent;
use crate::server_process::{keyholder_settings, log_to_stderr};
use ledger::cosignature::{Cosigner, Quorum};
use record::{Keyholder, KeyholderError};
use std::time::Duration;
use ureq::Agent;
use witness::Request;

/// How often checkpoints are carried while there are new ones.
const EVERY: Duration = Duration::from_millis(200);
/// How long a witness may take to answer.
const ANSWER: Duration = Duration::from_secs(3);
/// What it means that a witness knows another history.
const OTHER: &str = "this ledger is not the one that it saw: it was set back or rewritten";
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// One witness as the settings name it: `http://address key [key]`.
#[derive(Clone)]
pub(crate) struct Known {
    address: String,
    keys: Vec<Cosigner>,
}

impl Known {
    /// The witnesses in the settings.
    pub(crate) fn all(config: &Config) -> Outcome<Vec<Known>> {
        config.witnesses.iter().map(|text| Known::parse(text)).collect()
    }

    fn parse(text: &str) -> Outcome<Known> {
        let wrong = || {
            Failure::Asked(format!(
                "`{}` in witnesses is not an http:// address and the keys of a witness",
                text.split(' ').next().unwrap_or_default()
            ))
        };
        let mut words = text.split_whitespace();
        let address = words.next().filter(|word| word.starts_with("http://")).ok_or_else(wrong)?;
        let keys = words.map(|word| word.parse().map_err(|_| wrong()));
        let keys = keys.collect::<Outcome<Vec<_>>>()?;
        if keys.is_empty() {
            return Err(wrong());
        }
        Ok(Known { address: address.trim_end_matches('/').to_owned(), keys })
    }
}

/// Whose cosignatures count, and how many it takes.
pub(crate) fn quorum(config: &Config) -> Outcome<Quorum> {
    let known = Known::all(config)?;
    let (needed, there) = (config.witness_quorum, known.len());
    if there > 0 && !(1..=there).contains(&needed) {
        return Err(Failure::Asked(format!("witness_quorum is not 1 to {there}")));
    }
    Ok(Quorum { needed, witnesses: known.into_iter().flat_map(|one| one.keys).collect() })
}

/// How many entries so many witnesses as it takes say that they saw of this ledger; 0 if too few
/// answer. Nothing vouches for what they say but that it takes several.
pub(crate) fn seen_entries(home: &Home, config: &Config) -> Outcome<u64> {
    let known = Known::all(config)?;
    let Ok(checkpoint) = std::fs::read_to_string(home.ledger().join("checkpoint")) else {
        return Ok(0);
    };
    let agent = agent();
    let asked = known.iter().map(|one| offer(&agent, one, &Request::body(0, &[], &checkpoint)));
    let mut seen: Vec<u64> = asked
        .filter_map(|said| match said {
            Said::Saw(size) => Some(size),
            _ => None,
        })
        .collect();
    seen.sort_unstable_by(|a, b| b.cmp(a));
    Ok(seen.get(config.witness_quorum.saturating_sub(1)).copied().unwrap_or(0))
}

/// Runs until told to stop.
pub(crate) fn run(home: &Home) -> Outcome {
    end_with_parent(home)?;
    let config = Config::read(home)?;
    log_to_stderr(&config)?;
    let keyholder = Keyholder::connect(&keyholder_settings(home, &config)?)
        .map_err(Failure::world("the keyholder"))?;
    let mut feeds: Vec<Feed> = Known::all(&config)?.into_iter().map(Feed::new).collect();
    let (agent, mut done) = (agent(), 0);
    loop {
        match round(&keyholder, &agent, &mut feeds, done) {
            Ok(size) => done = size,
            Err(error) => tracing::warn!(why = %error, "checkpoints are not cosigned"),
        }
        std::thread::sleep(EVERY);
    }
}

/// A witness, and how far it is.
struct Feed {
    known: Known,
    size: u64,
    trouble: Option<String>,
}

impl Feed {
    fn new(known: Known) -> Feed {
        Feed { known, size: 0, trouble: None }
    }

    /// Says what is wrong with a witness when it begins and when it ends, not all the time.
    fn is(&mut self, trouble: Option<String>) {
        if trouble != self.trouble {
            let witness = &self.known.address;
            match &trouble {
                Some(why) => tracing::error!(witness, why, "a witness does not cosign"),
                None => tracing::info!(witness, "a witness cosigns again"),
            }
            self.trouble = trouble;
        }
    }
}

/// Carries the newest checkpoint to every witness; returns its size once enough cosigned it.
fn round(
    keyholder: &Keyholder,
    agent: &Agent,
    feeds: &mut [Feed],
    done: u64,
) -> Result<u64, KeyholderError> {
    let (checkpoint, _) = keyholder.checkpoint(0)?;
    let size = size_of(&checkpoint);
    if size <= done {
        return Ok(done);
    }
    let mut cosigned = checkpoint.clone();
    for feed in feeds {
        // Where it stands is learned from its own words, so a second try is enough.
        for _ in 0..2 {
            let older = feed.size.min(size);
            let (newest, proof) = keyholder.checkpoint(older)?;
            if newest != checkpoint {
                return Ok(done);
            }
            match offer(agent, &feed.known, &Request::body(older, &proof, &checkpoint)) {
                Said::Cosigned(lines) => {
                    cosigned.push_str(&lines);
                    feed.size = size;
                    feed.is(None);
                    break;
                }
                Said::Saw(seen) if seen > size || seen == older => {
                    feed.is(Some(format!("it saw {seen} entries: {OTHER}")));
                    break;
                }
                Said::Saw(seen) => feed.size = seen,
                Said::No(why) => {
                    feed.is(Some(why));
                    break;
                }
            }
        }
    }
    keyholder.cosigned(cosigned)?;
    Ok(size)
}

enum Said {
    Cosigned(String),
    /// It cosigned a checkpoint of this size last.
    Saw(u64),
    No(String),
}

fn offer(agent: &Agent, known: &Known, body: &str) -> Said {
    let answer = agent.post(format!("{}/add-checkpoint", known.address)).send(body);
    let (status, text) = match answer {
        Ok(mut answer) => {
            let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
            (answer.status().as_u16(), text.unwrap_or_default())
        }
        Err(error) => return Said::No(error.to_string()),
    };
    match (status, text.trim().parse()) {
        (200, _) => Said::Cosigned(text),
        (409, Ok(size)) => Said::Saw(size),
        // The proof from what it saw does not hold.
        (422, _) => Said::No(OTHER.into()),
        _ => Said::No(format!("it answers {status}")),
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(ANSWER));
    config.build().into()
}

fn size_of(checkpoint: &str) -> u64 {
    checkpoint.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0)
}
