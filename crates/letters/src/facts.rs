//! What is equal in all letters of a run.

use crate::{Day, Language, Moment, Offset, Refused, clean};
use serde::{Deserialize, Serialize};

/// The facts of a run of letters: who writes, what happened, what is being done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What the run goes by, such as the incident's id; it stands in each letter.
    pub reference: String,
    /// The country whose steps apply to readers in countries without steps of their own: two
    /// letters, such as `DK`.
    pub country: String,
    /// How far the sender's clocks are from UTC; times in the letters are by these.
    #[serde(default)]
    pub offset: Offset,
    /// Who writes.
    pub sender: Sender,
    /// Who opened files, unless a recipient's entry says otherwise.
    pub actor: Actor,
    /// The days and moments.
    pub dates: Dates,
    /// What happened, in a person's words: paragraphs, in each language that is written to.
    pub happened: Words,
    /// What is being done and was done, in a person's words.
    pub doing: Words,
    /// What is not known, beyond what each letter says anyway.
    #[serde(default)]
    pub unknown: Words,
    /// Strangers had the keyholder itself, so the ledger proves nothing for these days: what a
    /// recipient's entry names is all that could be opened, and the letter says so.
    #[serde(default)]
    pub log_in_doubt: bool,
    /// Free protection that is offered, if any.
    #[serde(default)]
    pub protection: Option<Protection>,
    /// How a reader finds out whether a letter is real.
    pub verify: Verify,
}

/// Who writes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The name of the practice, clinic or network.
    pub name: String,
    /// Street and town, as lines. They stand above the reader's address, without the name.
    pub address: Vec<String>,
    /// The person to talk to.
    pub contact: String,
    /// That person's telephone, free of charge where the law asks for it.
    pub telephone: String,
    /// When the telephone is answered, in each language.
    pub hours: Words,
    /// An e-mail address.
    pub email: String,
    /// The data protection officer, and how to reach them.
    pub data_protection_officer: String,
    /// The supervisory authority.
    pub authority: Authority,
}

/// Where a reader can complain.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Address, telephone or the page to type in.
    pub contact: String,
}

/// The days and moments of a breach.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// When the first file was opened wrongly.
    pub from: Moment,
    /// When it was over.
    pub to: Moment,
    /// When it was discovered.
    pub discovered: Moment,
    /// The day on the letter.
    pub letter: Day,
    /// Until when the police asked to wait, if they did.
    #[serde(default)]
    pub delayed_by_police_until: Option<Day>,
}

/// What kind of actor opened a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// Somebody with a stolen card of a member of staff.
    StolenCard,
    /// Somebody who took over the session of a member of staff.
    StolenSession,
    /// Somebody who took over a server.
    TakenOverServer,
    /// A member of staff without reason.
    Colleague,
    /// A practice that had no reason.
    OtherPractice,
    /// It is not known who.
    Unknown,
}

/// Paragraphs or lines, in each language.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Danish.
    #[serde(default)]
    pub da: Vec<String>,
    /// German.
    #[serde(default)]
    pub de: Vec<String>,
    /// English.
    #[serde(default)]
    pub en: Vec<String>,
}

/// Free protection that is offered to readers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// Who provides it.
    pub provider: String,
    /// What it is, in each language.
    pub what: Words,
    /// For how many months it is free.
    pub months: u16,
    /// The last day on which the reader's code works.
    pub until: Day,
    /// Where to ring.
    pub telephone: String,
    /// The page to type in.
    pub page: String,
}

/// How a reader finds out whether a letter is real.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The page to type in, where the code is entered.
    pub page: String,
    /// A number to ring that stands in public registers.
    pub telephone: String,
}

/// The longest line of a name, an address or a telephone number.
pub(crate) const LINE: usize = 80;
/// The longest paragraph.
const PARAGRAPH: usize = 1_200;
/// The most paragraphs of one kind.
const PARAGRAPHS: usize = 6;

impl Words {
    /// The words in this language.
    pub fn of(&self, language: Language) -> &[String] {
        match language {
            Language::Danish => &self.da,
            Language::German => &self.de,
            Language::English => &self.en,
        }
    }

    /// The words in this language, which must be there.
    pub(crate) fn need(&self, field: &str, language: Language) -> Result<&[String], Refused> {
        let words = self.of(language);
        let field = field.to_owned();
        if words.is_empty() { Err(Refused::NoWords { field, language }) } else { Ok(words) }
    }

    fn check(&self, field: &str) -> Result<(), Refused> {
        Language::ALL.into_iter().try_for_each(|language| {
            let field = format!("{field}.{}", language.code());
            clean::lines(&field, self.of(language), 0..=PARAGRAPHS, PARAGRAPH)
        })
    }
}

impl Run {
    /// Says what is wrong with these facts, if anything. The first thing wrong is named.
    pub fn check(&self) -> Result<(), Refused> {
        clean::line("reference", &self.reference, 40)?;
        country("country", &self.country)?;
        self.sender.check()?;
        if self.dates.from > self.dates.to {
            return Err(Refused::Dates("dates.from is after dates.to"));
        }
        if self.dates.from > self.dates.discovered {
            return Err(Refused::Dates("dates.from is after dates.discovered"));
        }
        if self.dates.discovered.at(self.offset).day > self.dates.letter {
            return Err(Refused::Dates("dates.letter is before dates.discovered"));
        }
        self.happened.check("happened")?;
        self.doing.check("doing")?;
        self.unknown.check("unknown")?;
        if let Some(protection) = &self.protection {
            protection.check()?;
        }
        clean::line("verify.page", &self.verify.page, LINE)?;
        clean::line("verify.telephone", &self.verify.telephone, 40)
    }
}

impl Sender {
    fn check(&self) -> Result<(), Refused> {
        clean::line("sender.name", &self.name, LINE)?;
        clean::lines("sender.address", &self.address, 1..=3, 60)?;
        clean::line("sender.contact", &self.contact, LINE)?;
        clean::line("sender.telephone", &self.telephone, 40)?;
        self.hours.check("sender.hours")?;
        clean::line("sender.email", &self.email, LINE)?;
        clean::line("sender.data_protection_officer", &self.data_protection_officer, 160)?;
        clean::line("sender.authority.name", &self.authority.name, 120)?;
        clean::line("sender.authority.contact", &self.authority.contact, 160)
    }
}

impl Protection {
    fn check(&self) -> Result<(), Refused> {
        clean::line("protection.provider", &self.provider, LINE)?;
        self.what.check("protection.what")?;
        clean::line("protection.telephone", &self.telephone, 40)?;
        clean::line("protection.page", &self.page, LINE)
    }
}

/// Two capital letters (ISO 3166-1).
pub(crate) fn country(field: &str, text: &str) -> Result<(), Refused> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(());
    }
    let what = "is not two capital letters, such as DK".to_owned();
    Err(Refused::Text { field: field.to_owned(), what })
}
