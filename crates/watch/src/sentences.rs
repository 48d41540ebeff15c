//! What people are told: one plain sentence each to the user at the screen, to the reviewer, and
//! to the patient. None of them names a patient or says which numbers the watch looks at.

use crate::Stop;
use ledger::entry::Subject;
use terms::{Finding, Rung};

/// One thing, said to three people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// To whoever works with the card.
    pub user: &'static str,
    /// To the officer who reads the alert.
    pub reviewer: &'static str,
    /// To the patient whose file it is about, where it is about one.
    pub patient: &'static str,
}

const fn said(user: &'static str, reviewer: &'static str, patient: &'static str) -> Said {
    Said { user, reviewer, patient }
}

/// What was noticed.
pub const fn found(finding: Finding) -> Said {
    match finding {
        Finding::Budget => said(
            "You have opened more files than your work usually needs.",
            "This card reached a limit of files that its role can hardly need.",
            "Somebody who opened your file opened unusually many files.",
        ),
        Finding::Unexplained => said(
            "You have opened more files as emergencies than is usual for you and your colleagues.",
            "More files were opened as emergencies than is usual here and among colleagues.",
            "Somebody opened your file and unusually many others as an emergency.",
        ),
        Finding::Weak => said(
            "You have opened unusually many files of patients who were not here lately.",
            "Unusually many files of own patients were opened without a recent occasion.",
            "Somebody at your practice opened your file without a recent occasion, and unusually \
             many others.",
        ),
        Finding::Residual => said(
            "Of the files that you opened, unusually many are still not explained two weeks later.",
            "Two weeks later, unusually many openings by this card are still not explained.",
            "Two weeks after your file was opened there is still no record of why.",
        ),
        Finding::Misses => said(
            "You have looked for unusually many people who are not in the system.",
            "This card looked for unusually many people who have no file: somebody may be \
             guessing numbers.",
            "Somebody may have looked for people by guessing numbers.",
        ),
        Finding::Crowd => said(
            "Many who do not treat this patient have opened this file.",
            "Unusually many people opened this file without a good explanation.",
            "Unusually many people opened your file without a good explanation.",
        ),
        Finding::Close => said(
            "You have opened files of people close to you; the patients and an officer are told.",
            "This card opened files of people close to its holder without a good explanation.",
            "Somebody close to you opened your file without a good explanation.",
        ),
        Finding::Probation => said(
            "Your card is new, and it has done much already.",
            "A new card did much in its first days, or many cards were issued at once.",
            "Your file was opened with a card that is new.",
        ),
        Finding::Place => said(
            "Your card is in use at two places at once.",
            "This card was in use at two places at once: somebody else may have it.",
            "Your file may have been opened with a card that was not in its holder's hands.",
        ),
        Finding::Canary => said(
            "You have opened a file that nobody has reason to open.",
            "This card touched a made-up file that nobody has reason to open.",
            "Whoever opened your file also touched a made-up file that nobody has reason to open.",
        ),
        Finding::Relating => said(
            "You have made unusually many referrals or admissions.",
            "This card made unusually many referrals or admissions: they may be excuses for \
             others.",
            "A referral or admission in your name may not be genuine.",
        ),
        Finding::Reported => said(
            "A patient says that you had no reason to open the file.",
            "A patient reported an opening of the own file as wrong.",
            "You told us that your file was opened without reason, and somebody is looking at it.",
        ),
        Finding::Together => said(
            "Your practice or server shows several signs of misuse at once.",
            "Several independent signs of misuse came from one practice or server at once.",
            "The place from which your file was opened shows several signs of misuse.",
        ),
        Finding::Colleague => said(
            "A colleague or an officer spoke for your card.",
            "Restrictions of this card were lifted by colleagues unusually often.",
            "Restrictions of the card that opened your file were lifted unusually often.",
        ),
        Finding::Silent => said(
            "A safeguard of this system did not work, and an officer is told.",
            "A canary did not stop whoever touched it: a safeguard does not work.",
            "A safeguard of the system that keeps your file did not work for a time.",
        ),
    }
}

/// What is done about it.
pub const fn done(stop: &Stop) -> Said {
    match stop {
        Stop::Rung { rung, .. } => on(*rung),
        Stop::Freeze(Subject::Card(_)) => said(
            "Your card opens nothing until two officers lift this.",
            "The card is frozen: it opens nothing until two officers lift that.",
            "The card that opened your file opens nothing any more.",
        ),
        Stop::Freeze(Subject::Practice(_)) => said(
            "Your practice opens emergency summaries alone until two officers lift this.",
            "The practice is frozen: in an emergency its cards open the summary alone, until two \
             officers lift that.",
            "The practice that opened your file opens emergency summaries alone for now.",
        ),
        Stop::Freeze(Subject::Server(_)) => said(
            "This server opens emergency summaries alone until two officers lift this.",
            "The server is frozen: in an emergency it serves the summary alone, until two \
             officers lift that.",
            "The server through which your file was opened serves emergency summaries alone for \
             now.",
        ),
    }
}

/// What standing on a rung means.
pub const fn on(rung: Rung) -> Said {
    match rung {
        Rung::Open => said(
            "Your card works as usual again.",
            "The card works as usual again.",
            "The card that opened your file works as usual again.",
        ),
        Rung::Reason => said(
            "For files without a current occasion you are asked for a reason, and the patient \
             is told.",
            "The card has to give a reason for files without a current occasion.",
            "Whoever opened your file has to give a reason the next time, and you are told it.",
        ),
        Rung::StepUp => said(
            "Please sign in with your card again.",
            "The card has to sign in again before it opens more.",
            "Whoever opened your file had to prove who it was.",
        ),
        Rung::Restricted => said(
            "You can open files of your current patients, and in an emergency the summary; a \
             colleague can lift this.",
            "The card opens files of current patients alone, and in an emergency the summary; a \
             colleague or an officer can lift that.",
            "The card that opened your file opens files of current patients alone.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::{CardId, Duration, PracticeId, ServerId};

    #[test]
    fn everything_is_said_to_everybody_in_one_plain_sentence() {
        let card = CardId::from_bytes([1; 10]);
        let subjects = [
            Subject::Card(card),
            Subject::Practice(PracticeId::from_bytes([1; 10])),
            Subject::Server(ServerId::from_bytes([1; 10])),
        ];
        let lasts = Duration::from_days(7);
        let rungs = Rung::ALL.iter().map(|rung| Stop::Rung { card, rung: *rung, lasts });
        let stops = rungs.chain(subjects.map(Stop::Freeze));
        let all = Finding::ALL.iter().map(|finding| found(*finding)).chain(stops.map(|s| done(&s)));
        let mut heard = std::collections::HashSet::new();
        for said in all {
            for sentence in [said.user, said.reviewer, said.patient] {
                assert!(sentence.ends_with('.'), "{sentence}");
                assert_eq!(sentence.matches(". ").count(), 0, "more than one sentence: {sentence}");
                assert!(sentence.starts_with(char::is_uppercase), "{sentence}");
                assert!(!sentence.contains("  ") && sentence.len() < 160, "{sentence}");
                assert!(!sentence.contains(|c: char| c.is_ascii_digit()), "a number: {sentence}");
                assert!(heard.insert(sentence), "said twice: {sentence}");
            }
        }
        assert_eq!(heard.len(), 3 * (Finding::ALL.len() + Rung::ALL.len() + 3));
    }
}
