//! What attackers of known incidents got, and who says so.
//!
//! A figure is as its source gives it. Where no source gives one there is none.

use serde::Serialize;

/// An incident that a drill replays.
#[derive(Clone, Debug, Serialize)]
pub struct Incident {
    /// What it is known as, with the years.
    pub name: &'static str,
    /// What happened, in a sentence.
    pub what: &'static str,
    /// How many persons' data the attacker got, or could reach where `could` is set.
    pub persons: Option<u64>,
    /// Whether they were reachable, and nobody is known to have taken them.
    pub could: bool,
    /// What of them.
    pub sections: &'static str,
    /// How long nobody noticed.
    pub unnoticed: &'static str,
    /// Who says so, and when.
    pub source: &'static str,
}

/// One drill and the incident that it replays.
#[derive(Clone, Debug, Serialize)]
pub struct Drill {
    /// The word for it on the command line.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What the attacker does, in a sentence.
    pub attack: &'static str,
    /// What it replays.
    pub incident: Incident,
}

/// Every drill.
pub static DRILLS: [Drill; 12] = [
    Drill {
        name: "alles-laegehus",
        title: "Stolen disk, stolen doctor's card",
        attack: "takes store, backup, ledger and logs, and reads master data with a stolen card",
        incident: Incident {
            name: "Alles Lægehus, Denmark, 2024/25",
            what: "Tables of master data and complete records of a chain of practices were taken \
                   in clear text and published.",
            persons: Some(57_000),
            could: false,
            sections: "name, telephone, CPR number; about 14,000 complete records",
            unnoticed: "not public",
            source: "DR, after IT experts, January 2025",
        },
    },
    Drill {
        name: "d-trust",
        title: "Applicants counted through by number",
        attack: "asks for one applicant's file after the other, by application number and by id",
        incident: Incident {
            name: "D-Trust, Germany, January 2025",
            what: "Data of people who had applied for a professional card were read out through \
                   an interface of the application portal, in several sessions.",
            persons: Some(12_113),
            could: false,
            sections: "name, e-mail, birth date, partly address and identity document",
            unnoticed: "7 days after the last read",
            source: "Chambers of physicians (more than 10,000) and Pharmazeutische Zeitung \
                     (2,113 pharmacists), 2025",
        },
    },
    Drill {
        name: "community-health-center",
        title: "A stolen card reads everybody",
        attack: "opens every file with a stolen card: at machine speed, paced, and old persons'",
        incident: Incident {
            name: "Community Health Center, USA, 2024/25",
            what: "An intruder read the data of everybody who had ever been tested, vaccinated or \
                   treated there; 145,000 of them were patients.",
            persons: Some(1_060_936),
            could: false,
            sections: "name, contact, diagnoses, results, social security number, insurance",
            unnoticed: "80 days",
            source: "Filing with the Attorney General of Maine, 2025",
        },
    },
    Drill {
        name: "taken-over-server",
        title: "The server itself is the attacker",
        attack: "sits in the server's place and replays, reorders, mixes and forges requests",
        incident: Incident {
            name: "SingHealth, Singapore, 2018",
            what: "Intruders went through the hospital's servers to the clinical database and \
                   copied patients' data in bulk.",
            persons: Some(1_500_000),
            could: false,
            sections: "name, address, identity number, birth date, partly medication",
            unnoticed: "August 2017 to July 2018",
            source: "Committee of Inquiry, in OpenGov Asia, January 2019",
        },
    },
    Drill {
        name: "insider",
        title: "A curious colleague with excuses",
        attack: "opens files of people who are nobody's patients here, each as an emergency",
        incident: Incident {
            name: "A physician in Denmark, 2017 to 2022",
            what: "One physician looked into records without a reason for five years; one citizen \
                   found it in the access log.",
            persons: Some(1_230),
            could: false,
            sections: "records",
            unnoticed: "5 years",
            source: "B.T., on June 2017 to July 2022",
        },
    },
    Drill {
        name: "stolen-practice-card",
        title: "A second-hand practice card",
        attack: "tries patients' numbers, guessed and known, with another practice's card",
        incident: Incident {
            name: "Electronic patient record, Germany, shown at 38C3, 2024",
            what: "Practice cards with PINs bought second-hand could open any file whose number \
                   was presented, and numbers were consecutive.",
            persons: Some(70_000_000),
            could: true,
            sections: "complete records",
            unnoticed: "shown by researchers",
            source: "Medical Tribune and MDR, on 38C3 in December 2024",
        },
    },
    Drill {
        name: "stolen-backup",
        title: "An old backup of the keys",
        attack: "tries an old key table with today's keys, and a whole backup without passphrase",
        incident: Incident {
            name: "MediSecure, Australia, 2024",
            what: "A database with prescriptions was taken; even after its backup was restored \
                   nobody could say whose data exactly.",
            persons: Some(12_900_000),
            could: false,
            sections: "name, contact, health identifier, prescriptions",
            unnoticed: "not public",
            source: "Information Age (ACS), 2024",
        },
    },
    Drill {
        name: "database-administrator",
        title: "The database administrator",
        attack: "reads the store and swaps, drops, rolls back and replays what lies in it",
        incident: Incident {
            name: "Anthem, USA, 2014/15",
            what: "With database administrators' credentials a warehouse was read that was not \
                   encrypted.",
            persons: Some(78_800_000),
            could: false,
            sections: "name, birth date, address, social security number, employment",
            unnoticed: "11 months",
            source: "StateWard and Wachler, law firms, on 2014/15",
        },
    },
    Drill {
        name: "ledger-sabotage",
        title: "The ledger is tampered with",
        attack: "cuts, edits, sets back and deletes the ledger, alone and with everything else",
        incident: Incident {
            name: "A region of Denmark, 2025",
            what: "Logs of look-ups were kept for six months and never checked, says the charge: \
                   who had read what could not be said.",
            persons: None,
            could: false,
            sections: "who looked at whom",
            unnoticed: "years",
            source: "Court of Horsens, the charge, June 2025",
        },
    },
    Drill {
        name: "rogue-officer",
        title: "Rogue officer, rogue card office",
        attack: "approves lists, lifts freezes, makes cards: alone, twice over, or without ledger",
        incident: Incident {
            name: "Practice cards in Germany, shown in December 2024",
            what: "A flaw at a card issuer let anybody order practice cards in number; each opened \
                   up to about 1,000 files.",
            persons: Some(1_000),
            could: true,
            sections: "complete records, for each card",
            unnoticed: "shown by researchers",
            source: "Medical Tribune, on December 2024",
        },
    },
    Drill {
        name: "open-port",
        title: "Ports asked without credentials",
        attack: "finds every port and socket and asks it every question there is",
        incident: Incident {
            name: "Vastaamo, Finland, 2017 to 2019",
            what: "A database with notes of psychotherapy stood open to the Internet, without a \
                   password.",
            persons: Some(30_000),
            could: false,
            sections: "notes of psychotherapy, identity number, contact",
            unnoticed: "open for 15 months",
            source: "Lov&Data, 2024",
        },
    },
    Drill {
        name: "canary",
        title: "Does the alarm still ring?",
        attack: "opens a canary, as every thief who opens everything does sooner or later",
        incident: Incident {
            name: "Change Healthcare, USA, 2024",
            what: "With a stolen password intruders read for nine days; the first alarm was their \
                   ransom note.",
            persons: Some(192_700_000),
            could: false,
            sections: "claims, diagnoses, contact, insurance",
            unnoticed: "9 days",
            source: "Healthcare IT News, 2025",
        },
    },
];

/// The drill of this name.
pub fn drill(name: &str) -> Option<&'static Drill> {
    DRILLS.iter().find(|drill| drill.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drill_has_a_name_of_its_own_and_a_source_with_a_year() {
        for drill in &DRILLS {
            assert_eq!(DRILLS.iter().filter(|other| other.name == drill.name).count(), 1);
            let source = drill.incident.source;
            assert!(source.contains("20"), "{}: {source}", drill.name);
            assert!(drill.incident.what.ends_with('.'), "{}", drill.name);
            // So much stands beside the picture's scale.
            assert!(drill.title.chars().count() <= 36, "{}", drill.name);
        }
    }
}
