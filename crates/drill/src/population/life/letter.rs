//! Letters between doctors, from sentences in three languages.

use super::Visit;
use crate::population::Person;
use crate::population::household::{Country, Sex};
use crate::population::random::Random;
use crate::population::tables::Problem;

/// A letter and its other side.
pub(super) enum Letter {
    Referral { to: String },
    Discharge { from: String },
}

impl Letter {
    pub(super) fn title(&self, country: Country) -> &'static str {
        match self {
            Letter::Referral { .. } => country.say("Henvisning", "Überweisung", "Referral"),
            Letter::Discharge { .. } => {
                country.say("Epikrise", "Entlassungsbrief", "Discharge letter")
            }
        }
    }

    /// The whole letter as plain text.
    pub(super) fn write(
        &self,
        person: &Person,
        visit: &Visit,
        problem: &Problem,
        random: &mut Random,
    ) -> String {
        let country = person.country();
        let (other, sentences) = match self {
            Letter::Referral { to } => (to, REFERRAL),
            Letter::Discharge { from } => (from, DISCHARGE),
        };
        let drugs: Vec<&str> = problem
            .drugs
            .iter()
            .map(|drug| country.say(drug.names[1], drug.names[2], drug.names[0]))
            .collect();
        let drugs = if drugs.is_empty() {
            country.say("ingen", "keine", "none").to_owned()
        } else {
            drugs.join(", ")
        };
        let named = format!("{} {}", person.given().join(" "), person.family());
        let age = person.birth().years_until(visit.date).to_string();
        let weeks = random.between(2, 12).to_string();
        let mut text = format!("{other}\n{}\n\n", visit.date);
        for choices in sentences {
            let [danish, german, english] = random.pick(choices);
            text.push_str(country.say(danish, german, english));
            text.push('\n');
        }
        let person_word = match person.sex() {
            Sex::Female => country.say("kvinde", "Patientin", "woman"),
            Sex::Male => country.say("mand", "Patient", "man"),
        };
        text.replace("{name}", &named)
            .replace("{born}", &person.birth().to_string())
            .replace("{number}", &person.national().value)
            .replace("{age}", &age)
            .replace("{who}", person_word)
            .replace("{problem}", problem.word(country))
            .replace("{code}", problem.icd.code)
            .replace("{drugs}", &drugs)
            .replace("{weeks}", &weeks)
            .replace("{doctor}", &visit.doctor.name)
    }
}

/// A doctor's remark beside a diagnosis.
pub(super) fn note(country: Country, random: &mut Random) -> &'static str {
    let [danish, german, english] = random.pick(&NOTES);
    country.say(danish, german, english)
}

/// A sentence in Danish, German and English.
type Sentence = [&'static str; 3];

const NOTES: [Sentence; 5] = [
    [
        "Har haft det i nogle uger, er ellers i fin form.",
        "Beschwerden seit einigen Wochen, sonst guter Allgemeinzustand.",
        "Has had this for some weeks, otherwise in good shape.",
    ],
    [
        "Vil gerne vente med mere medicin; vi tales ved om en måned.",
        "Möchte mit weiterer Medikation noch warten; Wiedervorstellung in einem Monat.",
        "Would rather wait before taking more medicine; we talk again in a month.",
    ],
    [
        "Pårørende var med og er orienteret.",
        "Angehörige waren dabei und sind informiert.",
        "A relative came along and knows what to look out for.",
    ],
    [
        "Arbejder på skiftehold, svært ved at nå kontrollerne.",
        "Arbeitet im Schichtdienst, Kontrolltermine schwierig.",
        "Works shifts and finds it hard to come to appointments.",
    ],
    [
        "Ringer selv, hvis det bliver værre.",
        "Meldet sich selbst bei Verschlechterung.",
        "Will call if it gets worse.",
    ],
];

const REFERRAL: &[&[Sentence]] = &[
    &[
        [
            "Kære kollega\n\nHermed henvises {name}, født {born}, CPR {number}.",
            "Sehr geehrte Kolleginnen und Kollegen,\n\nich überweise Ihnen {name}, geboren am {born}, Versichertennummer {number}.",
            "Dear colleague,\n\nThank you for seeing {name}, born {born}, SSN {number}.",
        ],
        [
            "Kære kollega\n\nJeg beder venligst om vurdering af {name} ({number}), født {born}.",
            "Liebe Kollegin, lieber Kollege,\n\nich bitte um Ihre Beurteilung von {name} ({number}), geboren am {born}.",
            "Dear colleague,\n\nI would be grateful for your opinion on {name} ({number}), born {born}.",
        ],
    ],
    &[
        [
            "Det drejer sig om en {who} på {age} år med {problem} ({code}), som er tiltaget gennem de sidste måneder.",
            "Es handelt sich um {who}, {age} Jahre, mit {problem} ({code}); die Beschwerden haben in den letzten Monaten zugenommen.",
            "This {age} year old {who} has {problem} ({code}), which has become worse over recent months.",
        ],
        [
            "{age}-årig {who}, hos hvem jeg i dag har fundet {problem} ({code}).",
            "{who}, {age} Jahre; heute habe ich {problem} ({code}) festgestellt.",
            "A {who} aged {age}; today I found {problem} ({code}).",
        ],
    ],
    &[
        [
            "Søvn og arbejde er påvirket. Ingen vægttab, ingen feber.",
            "Schlaf und Arbeit sind beeinträchtigt. Kein Gewichtsverlust, kein Fieber.",
            "Sleep and work suffer. There is no loss of weight and no fever.",
        ],
        [
            "Bor hjemme og klarer sig selv; familien hjælper med indkøb.",
            "Lebt zu Hause und versorgt sich selbst; die Familie hilft beim Einkaufen.",
            "Lives at home and manages alone; family helps with shopping.",
        ],
        [
            "Objektivt upåfaldende ud over det nævnte. Blodprøver er taget og eftersendes.",
            "Klinisch sonst unauffällig. Laborwerte wurden abgenommen und folgen.",
            "The examination shows nothing else. Blood was taken; results will follow.",
        ],
    ],
    &[[
        "Aktuel medicin: {drugs}.\nJeg beder om undersøgelse og forslag til den videre behandling.\n\nMed venlig hilsen\n{doctor}",
        "Aktuelle Medikation: {drugs}.\nIch bitte um Diagnostik und einen Vorschlag zur weiteren Behandlung.\n\nMit freundlichen Grüßen\n{doctor}",
        "Current medicines: {drugs}.\nPlease examine and advise on further treatment.\n\nKind regards,\n{doctor}",
    ]],
];

const DISCHARGE: &[&[Sentence]] = &[
    &[[
        "Kære kollega\n\nVi har set {name}, født {born}, CPR {number}, i vores afdeling.",
        "Sehr geehrte Kolleginnen und Kollegen,\n\nwir berichten über {name}, geboren am {born}, Versichertennummer {number}.",
        "Dear colleague,\n\nWe saw {name}, born {born}, SSN {number}, in our department.",
    ]],
    &[
        [
            "Diagnose: {problem} ({code}). Forløbet har været ukompliceret.",
            "Diagnose: {problem} ({code}). Der Verlauf war unkompliziert.",
            "Diagnosis: {problem} ({code}). The course was uneventful.",
        ],
        [
            "Diagnosen {problem} ({code}) er bekræftet efter undersøgelse og samtale.",
            "Die Diagnose {problem} ({code}) hat sich nach Untersuchung und Gespräch bestätigt.",
            "Examination and history confirm the diagnosis of {problem} ({code}).",
        ],
    ],
    &[
        [
            "Der er informeret grundigt om behandling, bivirkninger og hvad der skal føre til fornyet kontakt.",
            "Über Behandlung, Nebenwirkungen und Anlässe zur Wiedervorstellung wurde ausführlich aufgeklärt.",
            "Treatment, side effects and reasons to come back were talked through at length.",
        ],
        [
            "Indgrebet forløb planmæssigt; smerterne aftog hurtigt, og mobilisering lykkedes samme dag.",
            "Der Eingriff verlief planmäßig; die Schmerzen ließen rasch nach, die Mobilisation gelang am selben Tag.",
            "The procedure went as planned; pain settled quickly and walking was possible the same day.",
        ],
        [
            "Der har været god virkning af behandlingen, og blodprøverne er på vej mod det normale.",
            "Die Behandlung hat gut angeschlagen, die Laborwerte nähern sich der Norm.",
            "Treatment works well, and the blood tests are moving towards normal.",
        ],
    ],
    &[[
        "Medicin ved udskrivelsen: {drugs}.\nVi foreslår kontrol hos egen læge om {weeks} uger.\n\nMed venlig hilsen\n{doctor}",
        "Medikation bei Entlassung: {drugs}.\nWir empfehlen eine hausärztliche Kontrolle in {weeks} Wochen.\n\nMit freundlichen Grüßen\n{doctor}",
        "Medicines on leaving: {drugs}.\nWe suggest a check by the family doctor in {weeks} weeks.\n\nKind regards,\n{doctor}",
    ]],
];
