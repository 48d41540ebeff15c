//! Sections: the parts of a file that have keys of their own.

use core::fmt;
use core::str::FromStr;

/// One part of a file, with its own keys. Letters and filings name sections by these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Section {
    /// Name and birth date: what a search result shows.
    Label = 0,
    /// Telephone, address, next of kin.
    Contact = 1,
    /// CPR, KVNR, SSN and every other identifying number.
    Identity = 2,
    /// Coverage, claims and bills.
    Insurance = 3,
    /// Diagnoses, encounters, procedures, allergies, immunisations.
    History = 4,
    /// Observations and reports.
    Results = 5,
    /// Prescriptions, dispensations, administrations.
    Medication = 6,
    /// Documents, referrals, images.
    Documents = 7,
    /// Psychiatry, sexual health, genetics, substance use: by security label.
    Restricted = 8,
    /// The emergency data set, with a budget of its own.
    Summary = 9,
}

impl Section {
    /// Every section, in the order of the discriminants.
    pub const ALL: [Section; 10] = [
        Section::Label,
        Section::Contact,
        Section::Identity,
        Section::Insurance,
        Section::History,
        Section::Results,
        Section::Medication,
        Section::Documents,
        Section::Restricted,
        Section::Summary,
    ];

    /// The section with this number, if there is one.
    pub const fn from_number(number: u8) -> Option<Section> {
        if (number as usize) < Self::ALL.len() { Some(Self::ALL[number as usize]) } else { None }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Section::Label => "label",
            Section::Contact => "contact",
            Section::Identity => "identity",
            Section::Insurance => "insurance",
            Section::History => "history",
            Section::Results => "results",
            Section::Medication => "medication",
            Section::Documents => "documents",
            Section::Restricted => "restricted",
            Section::Summary => "summary",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Section {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|s| s.word() == text).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|s| s.word()).collect();
            format!("no such section; the sections are {}", words.join(", "))
        })
    }
}

/// A set of sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sections(u16);

impl Sections {
    /// No section.
    pub const NONE: Sections = Sections(0);
    /// Every section.
    pub const ALL: Sections = Sections((1 << Section::ALL.len()) - 1);

    /// The set of these sections.
    pub const fn of(sections: &[Section]) -> Sections {
        let mut bits = 0;
        let mut i = 0;
        while i < sections.len() {
            bits |= 1 << sections[i] as u16;
            i += 1;
        }
        Sections(bits)
    }

    /// The set whose bit numbers are the sections' numbers; unknown bits are dropped.
    pub const fn from_bits(bits: u16) -> Sections {
        Sections(bits & Self::ALL.0)
    }

    /// Bit numbers are the sections' numbers.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether the set has this section.
    pub const fn contains(self, section: Section) -> bool {
        self.0 & (1 << section as u16) != 0
    }

    /// The set with this section added.
    #[must_use]
    pub const fn with(self, section: Section) -> Sections {
        Sections(self.0 | (1 << section as u16))
    }

    /// What is in both sets.
    #[must_use]
    pub const fn intersection(self, other: Sections) -> Sections {
        Sections(self.0 & other.0)
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Sections) -> Sections {
        Sections(self.0 | other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Sections) -> Sections {
        Sections(self.0 & !other.0)
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The sections, in order.
    pub fn iter(self) -> impl Iterator<Item = Section> {
        Section::ALL.into_iter().filter(move |s| self.contains(*s))
    }
}

impl FromIterator<Section> for Sections {
    fn from_iter<I: IntoIterator<Item = Section>>(sections: I) -> Self {
        sections.into_iter().fold(Sections::NONE, Sections::with)
    }
}

impl fmt::Display for Sections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, section) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            f.write_str(section.word())?;
        }
        Ok(())
    }
}

impl FromStr for Sections {
    type Err = String;

    /// Reads words separated by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').filter(|w| !w.is_empty()).map(str::parse).collect()
    }
}

impl<C> minicbor::Encode<C> for Section {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u8(*self as u8)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Section {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Section::from_number(d.u8()?)
            .ok_or_else(|| minicbor::decode::Error::message("no such section"))
    }
}

impl<C> minicbor::Encode<C> for Sections {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u16(self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Sections {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Ok(Sections::from_bits(d.u16()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_print_and_read_back() {
        let set = Sections::of(&[Section::Results, Section::Label]);
        assert_eq!(set.to_string(), "label,results");
        assert_eq!("label,results".parse(), Ok(set));
        assert!("label,nonsense".parse::<Sections>().is_err());
        assert_eq!(Sections::from_bits(u16::MAX), Sections::ALL);
    }
}
