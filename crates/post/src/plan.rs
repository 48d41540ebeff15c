//! Who gets a letter, in the order of the post: country, postcode, file.

use crate::error::{PostError, Result};
use crate::exposed::Exposure;
use crate::out::Out;
use crate::press::Press;
use crate::spool;
use data_encoding::HEXLOWER;
use export::{Left, Person};
use keyproto::jws::sha256;
use std::io::{BufWriter, Write};
use terms::FileId;

/// One letter to be made: 40 bytes, so that a million of them lie in memory.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    country: [u8; 2],
    postcode: [u8; 12],
    pub(crate) file: FileId,
    /// Where the person's line in the spool begins.
    pub(crate) offset: u64,
}

/// All letters of a run.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) places: Vec<Place>,
    /// Who gets none, and why.
    pub(crate) left_out: Vec<(FileId, &'static str)>,
    /// Of the order of the files.
    pub(crate) digest: String,
}

impl Plan {
    /// Reads the spool through, and writes down what counts of each person on the way.
    pub(crate) fn make(
        out: &Out,
        press: &Press,
        exposure: &Exposure,
        left: &[(FileId, Left)],
    ) -> Result<Plan> {
        let mut plan = Plan::default();
        plan.left_out.extend(left.iter().map(|(file, left)| (*file, why(*left))));
        out.replace("people.ndjson", &mut |people| {
            spool::each(&out.spool(), &mut |offset, _, person| {
                let facts = press.facts(&person);
                serde_json::to_writer(&mut *people, &facts).map_err(PostError::world("people"))?;
                people.write_all(b"\n").map_err(PostError::world("people"))?;
                plan.place(press, exposure, &person, offset);
                Ok(())
            })
        })?;
        plan.finish();
        out.replace("left-out.ndjson", &mut |lines| plan.write_left_out(lines))?;
        Ok(plan)
    }

    /// The plan that was made before: the same, or the spool is another one.
    pub(crate) fn again(
        out: &Out,
        press: &Press,
        exposure: &Exposure,
        digest: &str,
    ) -> Result<Plan> {
        let mut plan = Plan::default();
        spool::each(&out.spool(), &mut |offset, _, person| {
            plan.place(press, exposure, &person, offset);
            Ok(())
        })?;
        plan.finish();
        if plan.digest == digest {
            return Ok(plan);
        }
        Err(PostError::Refused(
            "these are not the letters that were begun: were facts, exposure or people changed?"
                .into(),
        ))
    }

    fn place(&mut self, press: &Press, exposure: &Exposure, person: &Person, offset: u64) {
        // The code is drawn when the letter is made; any of its kind tells whether it can be.
        match press.recipient(person, exposure.of(person.file), "AAAA-AAAA-AAAA-AAAA") {
            Ok(to) => self.places.push(Place {
                country: fixed(&to.country),
                postcode: fixed(&to.postcode),
                file: person.file,
                offset,
            }),
            Err(why) => self.left_out.push((person.file, why)),
        }
    }

    fn finish(&mut self) {
        self.places.sort_unstable();
        self.left_out.sort_unstable();
        let ids: Vec<u8> = self.places.iter().flat_map(|place| *place.file.as_bytes()).collect();
        self.digest = HEXLOWER.encode(&sha256(&ids));
    }

    fn write_left_out(&self, lines: &mut BufWriter<std::fs::File>) -> Result<()> {
        for (file, why) in &self.left_out {
            let line = serde_json::json!({"file": file.to_string(), "why": why});
            writeln!(lines, "{line}").map_err(PostError::world("left-out.ndjson"))?;
        }
        Ok(())
    }
}

fn why(left: Left) -> &'static str {
    match left {
        Left::Refused(_) => "refused",
        Left::Empty(_) => "empty",
    }
}

/// The beginning of a text, filled up with zeros.
fn fixed<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    text.bytes().zip(&mut bytes).for_each(|(from, to)| *to = from);
    bytes
}
