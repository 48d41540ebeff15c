//! The exact exposure of a card and of a server, over a large ledger.
//!
//! The ledger is made: files, and as many openings of them as are asked for, sealed as the
//! keyholder seals entries. Everything measured is the product: keyholder, server, TLS, and the
//! client that holds the answer against what the keyholder signed.

mod keys;
mod made;

use super::Figure;
use super::stage::{Stage, peak};
use crate::cli::BenchArguments;
use crate::client::SignedInCard;
use crate::failure::{Failure, Outcome};
use crate::proof::{self, Document};
use crate::report::{self, Asker, Line, Piece};
use crate::who_opened::Exposed;
use crate::{demo, ledger_command};
use keyproto::message::Question;
use made::{CARD, Made, OTHERS, SERVER};
use std::time::{Duration, Instant};
use terms::FileId;

/// Persons of the installation, and those whose files a server that was taken over had.
const PERSONS: u32 = 130_000;
const EXPOSED: u64 = 57_000;
/// What is asked of ten million entries, and of a known span, in seconds; and of the keyholder's
/// memory, in MiB.
const SECONDS_MAX: f64 = 5.0;
const SPAN_SECONDS_MAX: f64 = 1.0;
const MIB_MAX: f64 = 1024.0;
/// The keyholder is idle when it took less than this of a processor for this long: after a start
/// the watch follows the whole ledger.
const IDLE_FOR: Duration = Duration::from_secs(3);
const IDLE_CPU: Duration = Duration::from_millis(60);

/// What one question took.
struct Asked {
    seconds: f64,
    /// CPU time of keyholder and server.
    cpu: f64,
    entries: u64,
    files: Vec<FileId>,
    size: u64,
}

/// Makes a ledger of this many entries, and asks it.
pub(super) fn exposure(arguments: &BenchArguments) -> Outcome<Vec<Figure>> {
    let mut stage = Stage::new("exposure")?;
    let doctor = demo::unlock(&stage.home, "doctor-1")?;
    SignedInCard::anew(&stage.home, &stage.config, &doctor)?;
    stage.stop();
    let made = Made::of(&stage.home)?.add_files(&stage.home, PERSONS)?;
    let made = made.grow(arguments.entries, EXPOSED)?;
    stage.restart()?;
    wait_until_idle(&stage)?;
    let mut asker = Asker {
        card: SignedInCard::anew(&stage.home, &stage.config, &stage.officers.first)?,
        verifier: ledger_command::verifier(&stage.home, None)?,
    };
    let exposed = EXPOSED as usize;
    let question = Question { card: Some(CARD), ..Question::default() };
    let card = Asked::of(&stage, &mut asker, &question, made.by_card)?;
    let question = Question { server: Some(SERVER), ..Question::default() };
    let server = Asked::of(&stage, &mut asker, &question, exposed)?;
    let question = Question { from: Some(made.taken_over), ..question };
    let span = Asked::of(&stage, &mut asker, &question, exposed)?;
    let proved = prove(&mut asker, &card)?;
    let question = Question { server: Some(OTHERS), ..Question::default() };
    let others = Asked::of(&stage, &mut asker, &question, made.others)?;
    let mut figures = vec![
        Figure::new("entries in the ledger", card.size as f64, ""),
        Figure::new("persons", f64::from(PERSONS), ""),
        Figure::new("a card, over the whole ledger", card.seconds, "s").at_most(SECONDS_MAX),
        Figure::new("the same for 10 million entries, if linear", card.of_ten_million(), "s")
            .at_most(SECONDS_MAX),
        Figure::new("a server, over the whole ledger", server.seconds, "s").at_most(SECONDS_MAX),
        Figure::new("the server, from when it was taken over", span.seconds, "s")
            .at_most(SPAN_SECONDS_MAX),
    ];
    card.show(&mut figures, "a card");
    server.show(&mut figures, "a server");
    span.show(&mut figures, "the server, from then on");
    let what = "a server that all else went through";
    figures.push(Figure::new(what, others.seconds, "s"));
    others.show(&mut figures, what);
    figures.push(Figure::new("all about one person, proved to a stranger", proved, "s"));
    let peak = peak(stage.pids()[0])? as f64 / f64::from(1 << 20);
    figures
        .push(Figure::new("keyholder, most memory since it began", peak, "MiB").at_most(MIB_MAX));
    Ok(figures)
}

impl Asked {
    /// Asks this, of which so many files are known to be the right answer.
    fn of(stage: &Stage, asker: &mut Asker, question: &Question, files: usize) -> Outcome<Asked> {
        let (cpu, start) = (stage.cpu()?, Instant::now());
        let mut exposed = Exposed::of(None);
        let verified = report::fold(asker, question, &mut |piece| {
            if let Piece::Line(line) = piece {
                exposed.add(&Line::of(line)?);
            }
            Ok(())
        })?;
        let seconds = start.elapsed().as_secs_f64();
        let cpu = stage.cpu()?.saturating_sub(cpu).as_secs_f64();
        let found: Vec<FileId> = exposed.known().map(|(file, _)| file).collect();
        if found.len() != files {
            let found = found.len();
            return Err(Failure::Tampered(format!(
                "{found} files were found, and {files} exposed"
            )));
        }
        let (entries, size) = (verified.lines, verified.head.size);
        Ok(Asked { seconds, cpu, entries, files: found, size })
    }

    fn of_ten_million(&self) -> f64 {
        self.seconds * 1e7 / self.size as f64
    }

    fn show(&self, figures: &mut Vec<Figure>, what: &str) {
        let rate = self.size as f64 / self.seconds;
        figures.extend([
            Figure::new(format!("{what}: files"), self.files.len() as f64, ""),
            Figure::new(format!("{what}: entries told"), self.entries as f64, ""),
            Figure::new(format!("{what}: keyholder and server"), self.cpu, "CPU s"),
            Figure::new(format!("{what}: entries of the ledger"), rate, "1/s"),
        ]);
    }
}

/// How long it takes to prove all about one exposed person to a stranger, and to check it.
fn prove(asker: &mut Asker, asked: &Asked) -> Outcome<f64> {
    let file = asked.files.first().ok_or_else(|| Failure::World("nobody was exposed".into()))?;
    let start = Instant::now();
    let document = proof::fetch(asker, *file, None, None, None)?.to_json()?;
    let document = Document::read(document.as_bytes()).map_err(Failure::from)?;
    document.check(&asker.verifier, None).map_err(Failure::from)?;
    Ok(start.elapsed().as_secs_f64())
}

fn wait_until_idle(stage: &Stage) -> Outcome {
    loop {
        let before = stage.cpu()?;
        std::thread::sleep(IDLE_FOR);
        if stage.cpu()?.saturating_sub(before) < IDLE_CPU {
            return Ok(());
        }
    }
}
