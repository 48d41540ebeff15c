//! Jobs: openings of many files that two officers approved beforehand, file by file.

use super::Hash;
use minicbor::{Decode, Encode};
use terms::{Blind, CardId, JobId, PracticeId, Sections, ServerId, SessionId, Time};

/// What a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Errand {
    /// Letters to those whom an incident concerns.
    #[n(0)]
    Letters,
}

/// Two officers approved a job.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct JobApproved {
    /// The job.
    #[n(0)]
    pub job: JobId,
    /// What for.
    #[n(1)]
    pub errand: Errand,
    /// How many files it names.
    #[n(2)]
    pub files: u64,
    /// The RFC 6962 root over their ids, sorted: no other file can be added.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub root: Hash,
    /// What it opens of each.
    #[n(4)]
    pub sections: Sections,
    /// Its end.
    #[n(5)]
    pub until: Time,
    /// The card whose sessions run it.
    #[n(6)]
    pub card: CardId,
    /// The two officers.
    #[n(7)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[cbor(n(8), with = "minicbor::bytes")]
    pub order: Hash,
}

/// Keys of one of its files were released.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct OpenedByJob {
    /// The job.
    #[n(0)]
    pub job: JobId,
    /// Which of its files, counted from 0 in the order of the sorted ids.
    #[n(1)]
    pub index: u64,
    /// The session that signed.
    #[n(2)]
    pub session: SessionId,
    /// Its card.
    #[n(3)]
    pub card: CardId,
    /// Its practice.
    #[n(4)]
    pub practice: PracticeId,
    /// The server the keys went to.
    #[n(5)]
    pub server: ServerId,
    /// The file.
    #[n(6)]
    pub file: Blind,
    /// The sections whose keys were released.
    #[n(7)]
    pub sections: Sections,
    /// How many segments the file had: later ones are not covered.
    #[n(8)]
    pub segments: u32,
    /// Hash of the signed request.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub request: Hash,
}
