//! What anybody may know before they report: `security.txt` (RFC 9116), and who runs this.

use terms::{Duration, FileId, Time};

/// The languages that the page is written in.
pub const LANGUAGES: [&str; 3] = ["en", "de", "da"];
/// Where `security.txt` lies (RFC 9116, section 3).
pub const SECURITY_TXT: &str = "/.well-known/security.txt";

/// What the operator says.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Scheme, host and port, without a last slash.
    pub origin: String,
    /// Who runs this installation, as people know it.
    pub organisation: String,
    /// Where to report, the preferred one first; none: the report page.
    pub contact: Vec<String>,
    /// Address of the policy; none: the one on the report page.
    pub policy: Option<String>,
    /// Address of a key to encrypt to; none: the intake's certificate.
    pub encryption: Option<String>,
    /// Languages that reports are read in.
    pub languages: Vec<String>,
    /// Further addresses under which the same file lies.
    pub canonical: Vec<String>,
    /// Address of provider-metadata.json, where advisories are published.
    pub csaf: Option<String>,
    /// How long the file is good for, in days.
    pub expires_days: u64,
    /// Made-up persons that a finder may use to show a flaw.
    pub test_files: Vec<FileId>,
}

impl Notice {
    /// What is wrong with it, in words for the operator.
    pub fn check(&self) -> Result<(), String> {
        let contacts = self.contact.iter().map(|uri| ("disclosure_contact", uri));
        let optional = [
            ("disclosure_policy", &self.policy),
            ("disclosure_encryption", &self.encryption),
            ("disclosure_csaf", &self.csaf),
        ];
        let optional =
            optional.into_iter().filter_map(|(name, uri)| uri.as_ref().map(|uri| (name, uri)));
        let canonical = self.canonical.iter().map(|uri| ("disclosure_canonical", uri));
        for (name, uri) in contacts.clone().chain(optional.clone()).chain(canonical.clone()) {
            if !is_line(uri) {
                return Err(format!("`{name}` is an address in one line, without spaces"));
            }
        }
        for (name, uri) in optional.chain(canonical) {
            // Section 2.4: addresses on the web begin with https; a key may be elsewhere.
            if !(uri.starts_with("https://") || name == "disclosure_encryption") {
                return Err(format!("`{name}` begins with https://"));
            }
        }
        for (name, uri) in contacts {
            if !["https://", "mailto:", "tel:"].iter().any(|scheme| uri.starts_with(scheme)) {
                return Err(format!("`{name}` begins with https://, mailto: or tel:"));
            }
        }
        let is_tag = |tag: &String| {
            !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !self.languages.iter().all(is_tag) {
            return Err("`disclosure_languages` are tags such as \"en\" or \"de\"".into());
        }
        if !(1..365).contains(&self.expires_days) {
            return Err("`disclosure_expires_days` is 1 to 364".into());
        }
        if self.organisation.chars().any(char::is_control) {
            return Err("`disclosure_organisation` is one line".into());
        }
        Ok(())
    }

    /// The report page.
    pub fn page(&self) -> String {
        format!("{}/report", self.origin)
    }

    /// The file at this moment; `has_key` if the intake has a certificate to give.
    pub fn security_txt(&self, now: Time, has_key: bool) -> String {
        let page = self.page();
        let mut lines = vec!["# How to report a flaw; see RFC 9116.".to_owned()];
        let mut say = |name: &str, value: &str| lines.push(format!("{name}: {value}"));
        if self.contact.is_empty() {
            say("Contact", &page);
        }
        for contact in &self.contact {
            say("Contact", contact);
        }
        const DAY: u64 = 86_400_000;
        let today = Time::from_millis(now.millis() / DAY * DAY);
        say("Expires", &(today + Duration::from_days(self.expires_days)).to_string());
        let key = has_key.then(|| format!("{page}/key"));
        if let Some(key) = self.encryption.as_ref().or(key.as_ref()) {
            say("Encryption", key);
        }
        if !self.languages.is_empty() {
            say("Preferred-Languages", &self.languages.join(", "));
        }
        say("Canonical", &format!("{}{SECURITY_TXT}", self.origin));
        for canonical in &self.canonical {
            say("Canonical", canonical);
        }
        let policy = format!("{page}#policy");
        say("Policy", self.policy.as_ref().unwrap_or(&policy));
        if let Some(csaf) = &self.csaf {
            say("CSAF", csaf);
        }
        lines.join("\n") + "\n"
    }
}

fn is_line(text: &str) -> bool {
    !text.is_empty() && text.len() <= 500 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn notice() -> Notice {
        Notice {
            origin: "https://files.example".into(),
            organisation: "Practice <North> & Sons".into(),
            contact: Vec::new(),
            policy: None,
            encryption: None,
            languages: LANGUAGES.map(str::to_owned).into(),
            canonical: Vec::new(),
            csaf: None,
            expires_days: 90,
            test_files: Vec::new(),
        }
    }

    const NOON: Time = Time::from_millis(1_795_694_400_000);

    #[test]
    fn without_settings_everything_leads_to_the_report_page() {
        let text = notice().security_txt(NOON, true);
        assert!(!notice().security_txt(NOON, false).contains("Encryption"));
        assert_eq!(
            text,
            "# How to report a flaw; see RFC 9116.\n\
             Contact: https://files.example/report\n\
             Expires: 2027-02-24T00:00:00.000Z\n\
             Encryption: https://files.example/report/key\n\
             Preferred-Languages: en, de, da\n\
             Canonical: https://files.example/.well-known/security.txt\n\
             Policy: https://files.example/report#policy\n"
        );
    }

    #[test]
    fn it_is_good_for_less_than_a_year_and_never_stale() {
        for days in [1, 90, 364] {
            let mut notice = notice();
            notice.expires_days = days;
            notice.check().unwrap();
            for hour in 0..48 {
                let now = NOON + Duration::from_hours(hour);
                let text = notice.security_txt(now, true);
                let line = text.lines().find_map(|l| l.strip_prefix("Expires: ")).unwrap();
                let expires = crate::lines::time(line).unwrap();
                assert!(expires > now && expires < now + Duration::from_days(365));
                assert_eq!(text.matches("Expires: ").count(), 1);
            }
        }
    }

    #[test]
    fn settings_are_told_in_order_and_wrong_ones_refused() {
        let mut told = notice();
        told.contact = vec!["mailto:security@files.example".into(), told.page()];
        told.csaf = Some("https://files.example/csaf/provider-metadata.json".into());
        told.check().unwrap();
        let text = told.security_txt(NOON, true);
        let (first, second) = (text.find("mailto:"), text.find("Contact: https:"));
        assert!(first.is_some() && first < second);
        assert!(text.contains("CSAF: https://files.example/csaf/provider-metadata.json\n"));
        let wrong: [fn(&mut Notice); 7] = [
            |n| n.contact = vec!["http://files.example".into()],
            |n| n.contact = vec!["mailto:a@b\nExpires: 2020".into()],
            |n| n.policy = Some("ftp://x".into()),
            |n| n.expires_days = 365,
            |n| n.expires_days = 0,
            |n| n.languages = vec!["en, de".into()],
            |n| n.organisation = "a\nb".into(),
        ];
        for change in wrong {
            let mut notice = notice();
            change(&mut notice);
            assert!(notice.check().is_err());
        }
    }
}
