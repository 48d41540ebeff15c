//! The report page and the letter page, in three languages, with nothing from elsewhere.

use crate::desk::Desk;
use crate::key::fingerprint;
use crate::notice::{LANGUAGES, Notice};

/// What seals, in the browser.
pub const CRYPTO_JS: &str = include_str!("page/crypto.js");
/// What the report page does.
pub const REPORT_JS: &str = include_str!("page/report.js");
/// How the pages look.
pub const STYLE_CSS: &str = include_str!("page/style.css");
/// What a browser may load for the pages, and do with them: only what this server itself gives.
pub const SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const REPORT: &str = include_str!("page/report.html");
const POLICY: &str = include_str!("page/policy.html");
const LETTER: &str = include_str!("page/letter.html");
const TEXTS: [&str; 3] =
    [include_str!("page/en.txt"), include_str!("page/de.txt"), include_str!("page/da.txt")];

/// One of the languages of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language(usize);

impl Language {
    /// The one that is asked for by name, else the first that a browser accepts, else English.
    pub fn choose(asked: Option<&str>, accepted: &str) -> Language {
        let known = |tag: &str| {
            let tag = tag.split([';', '-']).next().unwrap_or_default().trim();
            LANGUAGES.iter().position(|language| language.eq_ignore_ascii_case(tag))
        };
        let accepted = || accepted.split(',').take(32).find_map(known);
        Language(asked.and_then(known).or_else(accepted).unwrap_or(0))
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        LANGUAGES[self.0]
    }

    fn text(self, name: &str) -> &'static str {
        let mut lines = TEXTS[self.0].lines().filter_map(|line| line.split_once(" = "));
        lines.find(|(key, _)| *key == name).map_or("", |(_, text)| text)
    }
}

/// The report page.
pub fn report(desk: &Desk, language: Language) -> String {
    let notice = &desk.notice;
    let text = |name: &str| escape(language.text(name));
    let who = if notice.organisation.is_empty() {
        text("who-unnamed")
    } else {
        text("who").replace("{{organisation}}", &escape(&notice.organisation))
    };
    let nokey = match desk.certificate() {
        Some(_) => String::new(),
        None if notice.contact.is_empty() => {
            format!("<p class=\"told\">{} {}</p>", text("nokey"), text("nokey-nowhere"))
        }
        None => format!("<p class=\"told\">{}</p>", text("nokey")),
    };
    let files = notice.test_files.iter().map(|file| format!("<li><code>{file}</code></li>\n"));
    let tests = if notice.test_files.is_empty() {
        String::new()
    } else {
        let (title, intro) = (text("tests-title"), text("tests"));
        format!("<h3>{title}</h3>\n<p>{intro}</p>\n<ul>\n{}</ul>", files.collect::<String>())
    };
    let fingerprint = desk.certificate().map_or(String::new(), |certificate| {
        let key = fingerprint(&certificate.intake_key);
        format!("<p>{}</p>\n<pre translate=\"no\">{key}</pre>", text("fingerprint"))
    });
    let policy = match &notice.policy {
        // Only who promises it themselves can keep it.
        Some(address) => {
            let (text, address) = (text("policy-elsewhere"), escape(address));
            format!("<p>{text} <a href=\"{address}\" rel=\"noreferrer\">{address}</a></p>")
        }
        None => fill(POLICY, language, &[]),
    };
    let made = [
        ("contacts", contacts(notice, language)),
        ("policy", policy),
        ("who", who),
        ("nokey", nokey),
        ("tests", tests),
        ("fingerprint", fingerprint),
        ("origin", escape(&notice.origin)),
    ];
    fill(REPORT, language, &made)
}

/// The other contacts, for when the page is no help.
fn contacts(notice: &Notice, language: Language) -> String {
    if notice.contact.is_empty() {
        return String::new();
    }
    let link = |address: &String| {
        let address = escape(address);
        format!("<a href=\"{address}\" rel=\"noreferrer\">{address}</a>")
    };
    let links: Vec<_> = notice.contact.iter().map(link).collect();
    format!("<p>{} {}</p>", escape(language.text("contacts")), links.join(", "))
}

/// The letter page; `known` is the answer to a code that was typed.
pub fn letter(language: Language, known: Option<bool>) -> String {
    let answer = known.map_or(String::new(), |known| {
        let name = if known { "letter-yes" } else { "letter-no" };
        let text = escape(language.text(name));
        format!("<p class=\"told\" role=\"status\"><strong>{text}</strong></p>")
    });
    fill(LETTER, language, &[("answer", answer)])
}

/// Puts markup that was made, and then texts, where the template names them.
fn fill(template: &str, language: Language, made: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        out.push_str(before);
        match made.iter().find(|(key, _)| *key == name) {
            Some((_, markup)) => out.push_str(markup),
            None if name == "lang" => out.push_str(language.tag()),
            None => out.push_str(&escape(language.text(name))),
        }
        rest = after;
    }
    out + rest
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::tests::notice;
    use std::collections::BTreeSet;
    use terms::FileId;

    fn desk(folder: &std::path::Path) -> Desk {
        let mut notice = notice();
        notice.test_files = vec![FileId::from_bytes([7; FileId::LENGTH])];
        Desk::open(notice, None, folder).unwrap()
    }

    fn keys(text: &str) -> BTreeSet<&str> {
        text.lines().map(|line| line.split_once(" = ").unwrap().0).collect()
    }

    #[test]
    fn every_language_says_everything_that_the_pages_name() {
        let english = keys(TEXTS[0]);
        for text in TEXTS {
            assert_eq!(keys(text), english);
            assert_eq!(text.lines().count(), english.len(), "a text stands twice");
            assert!(text.lines().all(|line| !line.split_once(" = ").unwrap().1.is_empty()));
        }
        let made =
            ["lang", "contacts", "policy", "nokey", "tests", "fingerprint", "origin", "answer"];
        for name in [REPORT, POLICY, LETTER].join("").split("{{").skip(1) {
            let name = name.split_once("}}").unwrap().0;
            assert!(made.contains(&name) || english.contains(name), "{name}");
        }
    }

    #[test]
    fn the_page_is_whole_and_loads_nothing_from_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        for number in 0..3 {
            let page = report(&desk, Language(number));
            assert!(!page.contains("{{") && !page.contains("}}"));
            assert!(page.contains("Practice &lt;North&gt; &amp; Sons"));
            assert!(page.contains(&desk.notice.test_files[0].to_string()));
            for pages in [&page, &letter(Language(number), Some(true))] {
                let sources = ["src=\"", "href=\"", "action=\""];
                for source in sources.into_iter().flat_map(|s| pages.split(s).skip(1)) {
                    assert!(
                        source.starts_with(['/', '#']) && !source.starts_with("//"),
                        "{source}"
                    );
                }
                for never in ["style=", "onclick", "<script>", "<style", "http-equiv"] {
                    assert!(!pages.contains(never), "{never}");
                }
            }
        }
        for script in [CRYPTO_JS, REPORT_JS, STYLE_CSS] {
            for never in ["http:", "https:", "innerHTML", "eval(", "@import", "localStorage"] {
                assert!(!script.contains(never), "{never}");
            }
        }
    }

    #[test]
    fn a_policy_of_the_operators_own_takes_the_place_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let mut desk = desk(folder.path());
        let page = report(&desk, Language(0));
        assert!(page.contains("no criminal complaint") && page.contains("CERT of your country"));
        desk.notice.contact = vec!["mailto:a@p.example".into()];
        desk.notice.policy = Some("https://p.example/?a&b".into());
        let page = report(&desk, Language(0));
        assert!(page.contains("<a href=\"https://p.example/?a&amp;b\""), "{page}");
        assert!(page.contains("<a href=\"mailto:a@p.example\"") && !page.contains("your country"));
        assert!(!page.contains("no criminal complaint") && !page.contains("{{"));
    }

    /// WCAG 1.3.1, 2.4.2, 3.1.1, 3.3.2: what a machine can see of them.
    #[test]
    fn every_field_has_a_label_and_every_message_is_announced() {
        let folder = tempfile::tempdir().unwrap();
        let page = report(&desk(folder.path()), Language(1));
        assert!(page.contains("<html lang=\"de\">") && page.contains("<title>Eine"));
        for tag in ["<input id=\"", "<textarea id=\""] {
            for field in page.split(tag).skip(1) {
                let id = field.split('"').next().unwrap();
                assert!(page.contains(&format!("for=\"{id}\"")), "{id} has no label");
            }
        }
        for told in page.split("class=\"told\"").skip(2) {
            let tag = told.split('>').next().unwrap();
            let is_announced =
                ["role=\"status\"", "role=\"alert\""].iter().any(|r| tag.contains(r));
            assert!(is_announced || tag.is_empty(), "{tag}");
        }
        for id in REPORT_JS.split("$(\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(page.contains(&format!("id=\"{id}\"")), "the script names {id}");
        }
    }

    #[test]
    fn a_language_is_chosen_by_name_then_by_browser() {
        let chosen = |asked, accepted| Language::choose(asked, accepted).tag();
        assert_eq!(chosen(None, ""), "en");
        assert_eq!(chosen(None, "fr, de-AT;q=0.8, en;q=0.5"), "de");
        assert_eq!(chosen(Some("da"), "de"), "da");
        assert_eq!(chosen(Some("xx"), "*"), "en");
    }
}
