//! The controller, as `controller.toml` in the data folder has it.

use super::known::{Knowledge, Known};
use super::value::Value;
use crate::error::{IncidentError, Result};
use serde::Deserialize;
use std::path::Path;

/// What an operator writes down once, on a calm day.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Controller {
    /// Name of the organisation.
    pub name: Option<String>,
    /// Address, telephone, e-mail.
    pub contact: Option<String>,
    /// `company`, `organisation` or `vat`.
    pub identifier_type: Option<IdentifierType>,
    /// The identifier itself.
    pub identifier: Option<String>,
    /// `private` or `public`.
    pub sector: Option<Sector>,
    /// `micro`, `small-or-medium`, `large` or `other`.
    pub size: Option<Size>,
    /// What kind of organisation, where its size is `other`.
    pub size_description: Option<String>,
    /// Economic activity, such as NACE 86.21.
    pub activity: Option<String>,
    /// Established in the EEA.
    pub eea: Option<bool>,
    /// Address in parts, for forms of the USA.
    pub street: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, such as ME.
    pub state: Option<String>,
    /// ZIP code.
    pub zip: Option<String>,
    /// Systems, software, services and where they are.
    pub systems: Option<String>,
    /// Measures in place: codes of field 75 of the EDPB form.
    pub measures: Option<Vec<String>>,
    /// Measures in words.
    pub measures_description: Option<String>,
    /// EEA countries with an establishment.
    pub establishments: Option<Vec<String>>,
    /// The lead supervisory authority.
    pub lead_authority: Option<String>,
    /// The supervisory authority that is told.
    pub authority: Option<String>,
    /// Which laws concern the organisation.
    pub laws: Laws,
    /// The data protection officer.
    pub dpo: Option<Contact>,
    /// Who reports.
    pub reporter: Option<Reporter>,
    /// Who answers questions, if not the data protection officer.
    pub inquiries: Option<Contact>,
    /// The representative in the EEA.
    pub representative: Option<Contact>,
    /// Processors and joint controllers.
    pub processor: Vec<Party>,
}

/// A name and how to reach it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// Address, telephone, e-mail.
    pub contact: String,
    /// Function.
    #[serde(default)]
    pub function: Option<String>,
}

/// Who reports, and as what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reporter {
    /// Name.
    pub name: String,
    /// Telephone, e-mail.
    pub contact: String,
    /// As what.
    pub function: Function,
    /// In words, where the function is `other`.
    #[serde(default)]
    pub description: Option<String>,
}

/// A processor or joint controller.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Name.
    pub name: String,
    /// Address, telephone, e-mail.
    pub contact: String,
    /// Processor, joint controller.
    pub role: String,
}

/// Which laws concern the organisation; what is left out is not known.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Laws {
    /// The GDPR, as controller.
    pub gdpr: Option<bool>,
    /// The GDPR, as processor for others.
    pub processor: Option<bool>,
    /// NIS2, as an essential or important entity.
    pub nis2: Option<bool>,
    /// The Cyber Resilience Act, as the maker of the software.
    pub maker: Option<bool>,
    /// HIPAA, as a covered entity.
    pub hipaa: Option<bool>,
    /// HIPAA, as a business associate.
    pub business_associate: Option<bool>,
    /// 42 CFR Part 2, as a program.
    pub part2: Option<bool>,
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$one:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$one])* $variant,)* }

        impl $name {
            /// The code of the EDPB form.
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }
        }
    };
}

codes! {
    /// What kind of identifier.
    IdentifierType {
        /// Company id.
        Company = "a",
        /// Organisation number.
        Organisation = "b",
        /// VAT number.
        Vat = "c",
    }
}
codes! {
    /// Private or public.
    Sector {
        /// Private.
        Private = "a",
        /// Public.
        Public = "b",
    }
}
codes! {
    /// How large.
    Size {
        /// Freelance or microenterprise.
        Micro = "a",
        /// Small or medium.
        SmallOrMedium = "b",
        /// Large.
        Large = "c",
        /// Something else.
        Other = "d",
    }
}
codes! {
    /// As what somebody reports.
    Function {
        /// Data protection officer.
        Dpo = "a",
        /// Legal representative.
        LegalRepresentative = "b",
        /// Something else.
        Other = "c",
    }
}

impl Controller {
    /// Reads the file; one that is not there says nothing.
    pub fn read(path: &Path) -> Result<Controller> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            text => text.map_err(IncidentError::disk(path))?,
        };
        toml::from_str(&text)
            .map_err(|error| IncidentError::Asked(format!("{}: {error}", path.display())))
    }

    /// Makes known what is configured; answers must be known already.
    pub fn tell(&self, knowledge: &mut Knowledge) {
        self.tell_organisation(knowledge);
        self.tell_people(knowledge);
        self.tell_party(knowledge);
        let laws = &self.laws;
        for (name, truth) in [
            ("gdpr", laws.gdpr),
            ("processor", laws.processor),
            ("nis2", laws.nis2),
            ("maker", laws.maker),
            ("hipaa", laws.hipaa),
            ("business-associate", laws.business_associate),
            ("part2", laws.part2),
            ("eea", self.eea),
        ] {
            put(knowledge, name, truth.map(Value::Truth));
        }
    }

    fn tell_organisation(&self, knowledge: &mut Knowledge) {
        let code = |code: &str| Some(code.to_owned());
        for (name, text) in [
            ("name", &self.name),
            ("contact", &self.contact),
            ("identifier-type", &self.identifier_type.and_then(|t| code(t.code()))),
            ("identifier", &self.identifier),
            ("sector", &self.sector.and_then(|s| code(s.code()))),
            ("size", &self.size.and_then(|s| code(s.code()))),
            ("size-description", &self.size_description),
            ("activity", &self.activity),
            ("street", &self.street),
            ("city", &self.city),
            ("state", &self.state),
            ("zip", &self.zip),
            ("systems", &self.systems),
            ("measures-description", &self.measures_description),
            ("lead-authority", &self.lead_authority),
            ("authority", &self.authority),
        ] {
            put(knowledge, name, text.clone().map(Value::Text));
        }
        put(knowledge, "measures", self.measures.clone().map(Value::List));
        put(knowledge, "establishments", self.establishments.clone().map(Value::List));
    }

    /// Role and contact of the parties that a person named, where they are configured.
    fn tell_party(&self, knowledge: &mut Knowledge) {
        let Some(named) = knowledge.get("fact.other-party-name") else { return };
        let found: Vec<&Party> =
            self.processor.iter().filter(|party| named.value.has(&party.name)).collect();
        let text = |of: fn(&Party) -> &String| {
            let texts: Vec<&str> = found.iter().map(|party| of(party).as_str()).collect();
            Some(Value::Text(texts.join("; "))).filter(|_| !found.is_empty())
        };
        let (role, contact) = (text(|party| &party.role), text(|party| &party.contact));
        put(knowledge, "other-party-role", role);
        put(knowledge, "other-party-contact", contact);
    }

    fn tell_people(&self, knowledge: &mut Knowledge) {
        for (name, contact) in [
            ("dpo", &self.dpo),
            ("inquiries", &self.inquiries),
            ("representative", &self.representative),
        ] {
            let Some(contact) = contact else { continue };
            put(knowledge, &format!("{name}-name"), Some(Value::Text(contact.name.clone())));
            put(knowledge, &format!("{name}-contact"), Some(Value::Text(contact.contact.clone())));
            let function = contact.function.clone().map(Value::Text);
            put(knowledge, &format!("{name}-function"), function);
        }
        if let Some(reporter) = &self.reporter {
            let Reporter { name, contact, function, description } = reporter;
            put(knowledge, "reporter-name", Some(Value::Text(name.clone())));
            put(knowledge, "reporter-contact", Some(Value::Text(contact.clone())));
            put(knowledge, "reporter-function", Some(Value::Text(function.code().into())));
            put(knowledge, "reporter-description", description.clone().map(Value::Text));
        }
        let named = self.dpo.as_ref().map(|_| Value::Text("Yes".into()));
        put(knowledge, "dpo-designated", named);
        let inquiries = match (&self.inquiries, &self.dpo, &self.reporter) {
            (Some(_), ..) => Some("c"),
            (None, Some(_), _) => Some("a"),
            (None, None, Some(_)) => Some("b"),
            (None, None, None) => None,
        };
        put(knowledge, "inquiries-at", inquiries.map(|code| Value::Text(code.into())));
    }
}

fn put(knowledge: &mut Knowledge, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        knowledge.put(format!("config.{name}"), Known::configured(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_says_nothing_and_a_wrong_word_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("controller.toml");
        let mut knowledge = Knowledge::default();
        Controller::read(&path).unwrap().tell(&mut knowledge);
        assert!(knowledge.get("config.name").is_none() && knowledge.get("config.gdpr").is_none());
        std::fs::write(&path, "sector = \"privat\"").unwrap();
        let error = Controller::read(&path).unwrap_err().to_string();
        assert!(error.contains("controller.toml") && error.contains("private"), "{error}");
        std::fs::write(&path, "name = \"Practice\"\n[laws]\ngdpr = true").unwrap();
        Controller::read(&path).unwrap().tell(&mut knowledge);
        assert!(knowledge.get("config.gdpr").unwrap().value.has("yes"));
    }
}
