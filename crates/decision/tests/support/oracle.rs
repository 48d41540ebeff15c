//! What must be true of any history, judged without the core from what clients really signed.
#![allow(dead_code, unreachable_pub)]

use ledger::entry::{Act, Entry, Hash, HoldOn, JobApproved, Opened, Subject, Why};
use std::collections::{BTreeMap, BTreeSet};
use terms::{
    Blind, CardId, Duration, Grade, JobId, ListId, PracticeId, RelationClass, Role, Sections,
    ServerId, SessionId, Time,
};

/// What the world asked for, and the truth about it.
#[derive(Clone, Debug)]
pub enum Ask {
    Open {
        session: SessionId,
        file: Blind,
        /// Number of the proof: each counts once.
        proof: u64,
        /// Made by the session's device, fresh, for this request, this server, this file.
        genuine: bool,
        reason: bool,
        emergency: bool,
        /// What the process around the core knows of patient and holder.
        close: bool,
        sections: Sections,
        counter: Option<u64>,
    },
    Present {
        token: Hash,
    },
    /// A look-up, or a question to the ledger, with the same truth about it.
    Look {
        session: SessionId,
        proof: u64,
        genuine: bool,
        counter: Option<u64>,
    },
    /// An opening by a job, with the truth about it: whether officers listed the file there.
    Work {
        session: SessionId,
        file: Blind,
        job: JobId,
        proof: u64,
        genuine: bool,
        listed: bool,
        sections: Sections,
        counter: Option<u64>,
    },
    SignIn {
        genuine: bool,
    },
    Deposit {
        session: SessionId,
    },
    Commit {
        grant: u64,
    },
    Abort {
        grant: u64,
    },
    Order {
        signers: Vec<CardId>,
    },
    /// The watch stepped in.
    Watch,
    /// The process died: counters died with it, and so did every nonce.
    Restart,
    Other,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    Released {
        file: Blind,
        sections: Sections,
        entry: u64,
    },
    /// Labels of these files, each under this relation and grade.
    Shown(Vec<(Blind, RelationClass, Grade)>),
    Report {
        card: CardId,
    },
    SignedIn,
    /// Keys of segments that do not exist yet.
    Granted {
        grant: u64,
        file: Blind,
        first: u32,
        count: u32,
    },
    Committed,
    Ordered,
    Directory,
    Refused,
    Other,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub server: ServerId,
    pub ask: Ask,
    pub first: u64,
    pub entries: Vec<Entry>,
    pub said: Said,
    /// The keyholder's time.
    pub at: Time,
    /// How many keys left it.
    pub keys: u64,
}

const SPANS: [u64; 6] = [10, 60, 600, 3_600, 86_400, 2_592_000];

pub struct CardFacts {
    pub role: Role,
    pub practice: PracticeId,
    pub file: Option<Blind>,
    pub not_after: Time,
}

pub struct SessionFacts {
    pub card: CardId,
    pub server: ServerId,
    pub until: Time,
    /// Number of the entry that began it.
    pub number: u64,
    device: Vec<u8>,
    most: usize,
    opened: BTreeSet<Blind>,
}

/// A deposit under way.
pub struct Under {
    pub server: ServerId,
    pub file: Blind,
    pub first: u32,
    pub count: u32,
    pub until: Time,
}

pub(crate) struct Past {
    pub(crate) number: u64,
    pub(crate) at: Time,
    pub(crate) act: Act,
}

pub(crate) struct Opening {
    pub(crate) at: Time,
    pub(crate) opened: Opened,
    device: Vec<u8>,
    /// The summary alone was left.
    pub(crate) confined: bool,
}

#[derive(Default)]
pub struct Oracle {
    pub number: u64,
    time: Time,
    pub cards: BTreeMap<CardId, CardFacts>,
    pub revoked: BTreeSet<CardId>,
    pub sessions: BTreeMap<SessionId, SessionFacts>,
    pub frozen: BTreeSet<Subject>,
    pub(crate) canaries: BTreeSet<Blind>,
    pub restricted: BTreeSet<Blind>,
    pub erased: BTreeSet<Blind>,
    /// Legal holds with their cases.
    holds: BTreeSet<(HoldOn, String)>,
    /// How many segments each file has, and deposits under way: whose, where, until when.
    pub segments: BTreeMap<Blind, u32>,
    pub grants: BTreeMap<u64, Under>,
    pub(crate) past: BTreeMap<Blind, Vec<Past>>,
    approvals: Vec<Past>,
    pub(crate) openings: Vec<Opening>,
    /// What the watch and colleagues did, in order.
    pub(crate) deeds: Vec<Past>,
    /// One-time codes that nobody showed yet.
    pub(crate) codes: BTreeMap<Blind, BTreeSet<Hash>>,
    unfrozen: BTreeMap<CardId, Time>,
    /// Jobs, and how often each opened a file.
    pub(crate) jobs: BTreeMap<JobId, JobApproved>,
    pub(crate) worked: BTreeMap<(JobId, Blind), u8>,
    pub proofs: BTreeSet<u64>,
    pub counters: BTreeMap<SessionId, u64>,
    assertions: BTreeSet<Hash>,
    /// Rules that were broken.
    pub broken: BTreeSet<&'static str>,
    /// How often rules were broken; how many keys left, and how many against a rule.
    breaches: u64,
    pub keys: u64,
    pub beyond: u64,
    pub matrix: BTreeMap<(Role, RelationClass), Sections>,
    soft: BTreeMap<Role, [u32; 6]>,
}

pub fn judge(history: &[Step]) -> Oracle {
    let mut oracle = Oracle { matrix: golden_matrix(), soft: table(), ..Oracle::default() };
    for step in history {
        let before = oracle.breaches;
        oracle.step(step);
        oracle.keys += step.keys;
        oracle.beyond += if oracle.breaches > before { step.keys } else { 0 };
    }
    oracle
}

/// Whether the proof itself was looked at, and so is used up: not where the session was refused
/// before, nor where a stale nonce or a signature that does not fit ended it.
fn looked_at(step: &Step) -> bool {
    let before = [Why::Frozen, Why::Session, Why::Card, Why::Signature];
    let refused = step.entries.iter().find_map(|entry| match &entry.act {
        Act::Refused(refused) => Some(refused.why),
        _ => None,
    });
    step.said != Said::Other && refused.is_none_or(|why| !before.contains(&why))
}

fn golden_matrix() -> BTreeMap<(Role, RelationClass), Sections> {
    let text = include_str!("../golden/access-matrix.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| {
        let (who, sections) = line.split_once(':').unwrap();
        let (role, class) = who.split_once(' ').unwrap();
        ((role.parse().unwrap(), class.parse().unwrap()), sections.trim().parse().unwrap())
    };
    lines.map(read).collect()
}

/// The table of start values, written down a second time.
fn table() -> BTreeMap<Role, [u32; 6]> {
    let rows = [
        (Role::Doctor, [5, 10, 42, 92, 144, 1_440]),
        (Role::Nurse, [5, 10, 39, 92, 144, 1_440]),
        (Role::Receptionist, [5, 10, 39, 127, 215, 2_150]),
        (Role::Pharmacist, [6, 11, 44, 136, 339, 3_390]),
        (Role::System, [6, 11, 44, 136, 339, 3_390]),
    ];
    rows.into()
}

impl Oracle {
    pub fn rule(&mut self, holds: bool, rule: &'static str) {
        if !holds {
            self.breaches += 1;
            self.broken.insert(rule);
        }
    }

    fn step(&mut self, step: &Step) {
        self.rule(step.first == self.number, "entries follow without a gap");
        let opened: Vec<_> = step
            .entries
            .iter()
            .zip(step.first..)
            .filter_map(|(entry, number)| match &entry.act {
                Act::Opened(opened) => Some((number, opened.file, opened.sections)),
                Act::OpenedByJob(opened) => Some((number, opened.file, opened.sections)),
                _ => None,
            })
            .collect();
        match &step.said {
            Said::Released { file, sections, entry } => {
                let recorded = opened.contains(&(*entry, *file, *sections));
                self.rule(recorded && opened.len() == 1, "no release without its entry");
            }
            said => {
                self.rule(opened.is_empty(), "no entry without its release");
                let refused = step.entries.iter().any(|e| matches!(e.act, Act::Refused(_)));
                self.rule((*said == Said::Refused) == refused, "every refusal is recorded");
            }
        }
        self.passage(step);
        for (at, entry) in step.entries.iter().enumerate() {
            self.rule(entry.at >= self.time, "time never runs backwards");
            self.time = self.time.max(entry.at);
            if let Act::Refused(refused) = &entry.act
                && matches!(refused.why, Why::Canary | Why::Enumeration)
            {
                let next = step.entries.get(at + 1).map(|entry| &entry.act);
                self.rule(matches!(next, Some(Act::Frozen(_))), "what is to freeze is frozen");
            }
            self.entry(step, entry);
            self.number += 1;
        }
        if matches!(step.ask, Ask::Restart) {
            self.counters.clear();
            self.grants.clear();
        }
        if let Ask::Open { proof, genuine: true, session, counter, .. }
        | Ask::Work { proof, genuine: true, session, counter, .. }
        | Ask::Look { proof, genuine: true, session, counter } = &step.ask
        {
            if looked_at(step) {
                self.proofs.insert(*proof);
            }
            // A refusal before the proof was looked at, or a stale nonce, uses up no counter.
            let used = !matches!(step.said, Said::Refused | Said::Other);
            if let Some(counter) = counter.filter(|_| used) {
                self.counters.insert(*session, counter);
            }
        }
    }

    fn entry(&mut self, step: &Step, entry: &Entry) {
        let (number, at) = (self.number, entry.at);
        let past = Past { number, at, act: entry.act.clone() };
        match &entry.act {
            Act::CardIssued(new) => {
                let (role, practice) = (new.role, new.practice);
                let (file, not_after) = (new.file, new.not_after);
                self.cards.insert(new.card, CardFacts { role, practice, file, not_after });
            }
            Act::CardRevoked(revoked) => {
                self.revoked.insert(revoked.card);
                self.sessions.retain(|_, session| session.card != revoked.card);
            }
            Act::SessionStarted(new) => {
                let first = self.assertions.insert(new.assertion);
                self.rule(first, "a sign-in counts once");
                let frozen = self.frozen.contains(&Subject::Card(new.card));
                let revoked = self.revoked.contains(&new.card);
                self.rule(!frozen && !revoked, "a frozen or revoked card signs in nowhere");
                let facts = SessionFacts {
                    card: new.card,
                    server: new.server,
                    until: new.until,
                    number,
                    device: new.device.point().to_vec(),
                    most: new.openings_max as usize,
                    opened: BTreeSet::new(),
                };
                self.rule(new.until <= at + Duration::from_hours(12), "a session is short");
                self.sessions.insert(new.session, facts);
            }
            Act::SessionEnded(ended) => {
                self.sessions.remove(&ended.session);
            }
            Act::Opened(opened) => self.opened(step, at, opened),
            Act::OpenedByJob(opened) => self.worked(step, at, opened),
            Act::FileCreated(new) => self.past.entry(new.file).or_default().push(past),
            Act::Deposited(new) => {
                *self.segments.entry(new.file).or_default() += new.sections.len() as u32;
                self.past.entry(new.file).or_default().push(past);
            }
            _ => self.ordered(step, past),
        }
    }

    fn ordered(&mut self, step: &Step, past: Past) {
        let at = past.at;
        match &past.act.clone() {
            Act::Related(new) => {
                let asked =
                    matches!(&step.ask, Ask::Order { signers } if signers.contains(&new.by));
                let holds = self.may_relate(at, new);
                self.rule(holds && asked, "others make relations");
                self.past.entry(new.file).or_default().push(past);
            }
            Act::ListApproved(new) => {
                let two = self.two_officers(step, &new.by);
                self.rule(two, "two officers approve");
                self.approvals.push(past);
            }
            Act::JobApproved(new) => {
                let two = self.two_officers(step, &new.by);
                self.rule(two, "two officers approve a job");
                self.approved_job(at, new);
            }
            Act::CodesIssued(new) => {
                let two = self.two_officers(step, &new.by);
                self.rule(two, "two officers give codes");
                self.codes.insert(new.file, new.codes.iter().map(|code| **code).collect());
            }
            Act::Stepped(new) => {
                self.stepped(step, at, new);
                self.deeds.push(past);
            }
            Act::Confirmed(new) => {
                self.confirmed(step, at, new);
                self.deeds.push(past);
            }
            Act::Frozen(new) => {
                self.frozen.insert(new.subject);
            }
            Act::Unfrozen(new) => {
                let two = self.two_officers(step, &new.by);
                self.rule(two, "a freeze is final until two officers lift it");
                self.frozen.remove(&new.subject);
                if let Subject::Card(card) = new.subject {
                    self.unfrozen.insert(card, at);
                }
            }
            Act::Marked(new) => {
                let two = self.two_officers(step, &new.by);
                self.rule(two, "two officers mark");
                let set = match new.mark {
                    ledger::entry::Mark::Canary => &mut self.canaries,
                    ledger::entry::Mark::Restricted => &mut self.restricted,
                };
                if new.set {
                    set.insert(new.file)
                } else {
                    set.remove(&new.file)
                };
            }
            Act::Held(new) => {
                let two = self.two_officers(step, &new.by);
                self.rule(two, "two officers hold and release");
                let hold = (new.on, new.case.clone());
                let changed =
                    if new.set { self.holds.insert(hold) } else { self.holds.remove(&hold) };
                self.rule(changed, "a case's hold is laid once and lifted once");
            }
            Act::Erased(new) => {
                let two = self.two_officers(step, &new.by);
                self.rule(two, "two officers erase");
                let held = self.is_held(new.file);
                self.rule(!held, "what is held is not erased");
                self.erased.insert(new.file);
            }
            _ => {}
        }
    }

    /// Whether a case holds the file, or a practice that made it or was ever related to it.
    fn is_held(&self, file: Blind) -> bool {
        let past = self.past.get(&file).map(Vec::as_slice).unwrap_or_default();
        let near = past.iter().filter_map(|past| match &past.act {
            Act::FileCreated(new) => Some(new.practice),
            Act::Related(new) => Some(new.practice),
            _ => None,
        });
        let near: BTreeSet<_> = near.map(HoldOn::Practice).chain([HoldOn::File(file)]).collect();
        self.holds.iter().any(|(on, _)| near.contains(on))
    }

    fn two_officers(&self, step: &Step, by: &[CardId]) -> bool {
        let Ask::Order { signers } = &step.ask else { return false };
        let officers: BTreeSet<_> = by
            .iter()
            .filter(|card| signers.contains(card))
            .filter(|card| self.cards[*card].role == Role::Officer)
            .filter(|card| !self.frozen.contains(&Subject::Card(**card)))
            .collect();
        officers.len() >= 2
    }

    pub fn is_frozen(&self, card: CardId, server: ServerId) -> bool {
        let practice = self.cards[&card].practice;
        [Subject::Card(card), Subject::Practice(practice), Subject::Server(server)]
            .iter()
            .any(|subject| self.frozen.contains(subject))
    }

    fn opened(&mut self, step: &Step, at: Time, opened: &Opened) {
        let (role, practice) = match self.cards.get(&opened.card) {
            Some(card) => (card.role, card.practice),
            None => return self.rule(false, "only known cards open"),
        };
        let asked = match &step.ask {
            Ask::Open { session, file, proof, genuine, sections, counter, .. } => {
                let fresh = !self.proofs.contains(proof);
                self.rule(*genuine, "nothing opens that a client did not sign");
                self.rule(fresh, "a proof counts once");
                let last = self.counters.get(session);
                let grows = counter.is_none_or(|c| last.is_none_or(|last| c > *last));
                self.rule(grows, "counters grow");
                self.rule(
                    *session == opened.session && *file == opened.file,
                    "what opens is what was signed",
                );
                *sections
            }
            Ask::Present { token } => {
                let openings = self.openings.iter().rev().map(|earlier| &earlier.opened);
                let mut from = openings.filter(|earlier| {
                    earlier.token.as_ref().is_some_and(|t| t.hash == *token && t.until > at)
                });
                let sections = |e: &Opened| e.token.as_ref().map_or(Sections::NONE, |t| t.sections);
                let from = from.next().map(|e| (e.session, e.file, sections(e)));
                let same = from.map(|(session, file, _)| (session, file));
                let as_before = same == Some((opened.session, opened.file)) && opened.repeat;
                self.rule(as_before, "a token repeats its opening");
                from.map_or(Sections::NONE, |(.., sections)| sections)
            }
            _ => return self.rule(false, "nothing opens that a client did not sign"),
        };
        let device = match self.sessions.get_mut(&opened.session) {
            Some(session) => {
                let live = session.card == opened.card
                    && session.server == opened.server
                    && step.server == opened.server
                    && session.until > at;
                session.opened.insert(opened.file);
                let few = session.opened.len() <= session.most;
                let device = session.device.clone();
                self.rule(live, "only live sessions open, through their server");
                self.rule(few, "a session opens as many files as it was signed for");
                device
            }
            None => return self.rule(false, "only live sessions open, through their server"),
        };
        let out = self.revoked.contains(&opened.card) || self.cards[&opened.card].not_after < at;
        self.rule(!out, "a revoked card opens nothing");
        let frozen = self.frozen.contains(&Subject::Card(opened.card));
        self.rule(!frozen, "what is frozen opens nothing");
        self.rule(!self.canaries.contains(&opened.file), "no canary is released");
        self.rule(!self.erased.contains(&opened.file), "no erased file is released");
        let own = opened.class == RelationClass::Own;
        self.rule(!self.restricted.contains(&opened.file) || own, "restricted files rest");
        let allowed = self.matrix[&(role, opened.class)].intersection(asked);
        self.rule(opened.sections.without(allowed).is_empty(), "a role opens its sections");
        let lent = opened.token.as_ref().map_or(Sections::NONE, |token| token.sections);
        self.rule(lent.without(allowed).is_empty(), "a token lends what was signed for");
        let justified = self.justified(step, at, opened, practice);
        self.rule(justified, "no relation that others did not make");
        self.held(step, at, opened);
        let confined = self.is_confined(at, opened);
        let with = device.clone();
        self.openings.push(Opening { at, opened: opened.clone(), device: with, confined });
        if confined {
            self.summaries(at, opened);
        } else if !own {
            self.budgets(at, opened, &device, role);
        }
    }

    fn justified(&self, step: &Step, at: Time, opened: &Opened, practice: PracticeId) -> bool {
        let now = self.basis(&opened.file, practice, at, self.number);
        match opened.class {
            RelationClass::Own => self.cards[&opened.card].file == Some(opened.file),
            RelationClass::Emergency => {
                let signed = matches!(step.ask, Ask::Open { reason: true, emergency: true, .. });
                let token = matches!(step.ask, Ask::Present { .. });
                signed && self.emergency_left(at, opened) || token
            }
            class => now == Some(class),
        }
    }

    /// The strongest class that the past before entry `before` gives, from the words of the design.
    pub fn basis(
        &self,
        file: &Blind,
        practice: PracticeId,
        at: Time,
        before: u64,
    ) -> Option<RelationClass> {
        let past = self.past.get(file).map(Vec::as_slice).unwrap_or_default();
        let past = || past.iter().filter(|past| past.number < before);
        // Whole seconds, as the core counts them.
        let lasts = |until: Time| until.seconds() > at.seconds();
        let related = |class| {
            past().filter_map(move |p| match &p.act {
                Act::Related(r) if r.practice == practice && r.class == class => Some(r.until),
                _ => None,
            })
        };
        let created = past().find_map(|p| match &p.act {
            Act::FileCreated(new) => Some((p.number, p.at, new.practice, new.list)),
            _ => None,
        });
        let listed = created
            .filter(|(_, _, by, _)| *by == practice)
            .and_then(|(number, _, _, list)| self.approved(number, list?, before))
            .filter(|(owner, _)| *owner == practice)
            .map(|(_, until)| until);
        if related(RelationClass::Presence).next_back().is_some_and(lasts) {
            return Some(RelationClass::Presence);
        }
        let signed = self.signed_over(file, practice, at, before);
        if signed.current || listed.is_some_and(lasts) {
            return Some(RelationClass::Evidence);
        }
        let entries = past().filter_map(|p| match &p.act {
            Act::Deposited(new) if new.practice == practice => Some((p.number, p.at, new.card)),
            _ => None,
        });
        let under = |number, then, card: &CardId| {
            let acts = !matches!(self.cards[card].role, Role::Importer | Role::Patient);
            let basis = || self.basis(file, practice, then, number);
            acts && matches!(basis(), Some(RelationClass::Presence | RelationClass::Evidence))
        };
        let recent = |then: Time| lasts(then + Duration::from_days(14));
        let mut contact =
            entries.clone().any(|(number, then, card)| recent(then) && under(number, then, &card));
        let alone = past().all(|p| match &p.act {
            Act::Deposited(new) => {
                new.practice == practice && self.cards[&new.card].role != Role::Patient
            }
            _ => true,
        });
        let mine = created.filter(|(_, _, by, _)| *by == practice && alone);
        contact |= mine.is_some_and(|(_, then, ..)| lasts(then + Duration::from_days(14)));
        let once =
            related(RelationClass::Presence).next().is_some() || signed.ever || listed.is_some();
        if contact {
            return Some(RelationClass::Contact);
        }
        // Contact that is over, even if the list that it rested on was given to another practice.
        let was = |(number, then, card): (u64, Time, CardId)| under(number, then, &card);
        (once || mine.is_some() || entries.clone().any(was)).then_some(RelationClass::Former)
    }

    /// Whose a list is and until when, if the file was on it when it was first approved.
    fn approved(&self, created: u64, list: ListId, before: u64) -> Option<(PracticeId, Time)> {
        let of_list = |past: &&Past| {
            past.number < before
                && matches!(&past.act, Act::ListApproved(approved) if approved.list == list)
        };
        let first = self.approvals.iter().find(of_list)?;
        let last = self.approvals.iter().rfind(of_list)?;
        match &last.act {
            Act::ListApproved(approved) if created < first.number => {
                Some((approved.practice, last.at + approved.lasts))
            }
            _ => None,
        }
    }

    /// Distinct files in every window, counted anew from the list of all openings.
    fn budgets(&mut self, at: Time, opened: &Opened, device: &[u8], role: Role) {
        let hard = self.soft[&role].map(|soft| soft + soft.div_ceil(4));
        let since = self.unfrozen.get(&opened.card).copied().unwrap_or_default();
        let mut fits = true;
        for (span, hard) in SPANS.into_iter().zip(hard) {
            let recent =
                self.openings.iter().rev().take_while(|one| one.at.seconds() + span > at.seconds());
            let recent = recent.filter(|one| {
                !one.confined && !one.opened.repeat && one.opened.class != RelationClass::Own
            });
            let (mut by_card, mut by_device) = (BTreeSet::new(), BTreeSet::new());
            for Opening { at, opened: earlier, device: with, .. } in recent {
                if earlier.card == opened.card && *at > since {
                    by_card.insert(earlier.file);
                }
                if with == device {
                    by_device.insert(earlier.file);
                }
            }
            fits &= by_card.len() <= hard as usize;
            fits &= by_device.len() <= (hard + hard / 2) as usize;
        }
        self.rule(fits, "distinct files stay within every budget");
        let before = self.openings[..self.openings.len() - 1].iter().any(|one| {
            one.opened.card == opened.card
                && one.opened.file == opened.file
                && one.at.seconds() + 86_400 > at.seconds()
        });
        self.rule(before || !opened.repeat, "a repeat has an original");
    }
}
