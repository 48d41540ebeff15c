//! The one thread that writes, making what several callers asked for durable in one commit.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, TransactionBehavior, params};
use terms::FileId;

use super::fault::Fault;
use crate::errors::World;
use crate::model::{AttachmentId, Hash, NewSegment};
use crate::sql;

/// A commit gathers what is waiting up to this many sealed bytes.
const GROUP_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A commit gathers at most this many tasks.
const GROUP_TASKS_MAX: usize = 256;

/// What a caller asks of the writer.
pub(crate) enum Task {
    Append(Vec<OwnedSegment>),
    PutChunk { file: FileId, attachment: AttachmentId, number: u32, hash: Hash, bytes: Vec<u8> },
    ForgetOrphans { file: FileId, from: u32 },
    DropAttachment { file: FileId, attachment: AttachmentId },
    Erase { file: FileId },
}

/// A segment that the writer thread can keep.
pub(crate) struct OwnedSegment {
    file: FileId,
    sequence: u32,
    section: u8,
    hash: Hash,
    bytes: Vec<u8>,
}

/// The writer thread; ends when this is dropped, after it has done what was asked before.
pub(crate) struct Writer {
    tasks: Option<Sender<Asked>>,
    thread: Option<JoinHandle<()>>,
}

struct Asked {
    task: Task,
    answer: Sender<Result<u64, Fault>>,
}

impl Writer {
    /// Starts the thread, which owns the connection from now on.
    pub(crate) fn start(mut connection: Connection) -> Result<Writer, World> {
        let (tasks, asked) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write_until_closed(&mut connection, &asked))?;
        Ok(Writer { tasks: Some(tasks), thread: Some(thread) })
    }

    /// Has the task done durably, and says how many rows it wrote or removed.
    ///
    /// The queue needs no bound: each caller waits here, so it is no longer than there are callers.
    pub(crate) fn run(&self, task: Task) -> Result<u64, Fault> {
        let (answer, answered) = mpsc::channel();
        let tasks = self.tasks.as_ref().ok_or(World::Closed)?;
        tasks.send(Asked { task, answer }).map_err(|_| World::Closed)?;
        answered.recv().map_err(|_| World::Closed)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported by then, and its callers were told.
            let _ = thread.join();
        }
    }
}

impl Task {
    fn sealed_bytes(&self) -> usize {
        match self {
            Task::Append(segments) => segments.iter().map(|segment| segment.bytes.len()).sum(),
            Task::PutChunk { bytes, .. } => bytes.len(),
            Task::ForgetOrphans { .. } | Task::DropAttachment { .. } | Task::Erase { .. } => 0,
        }
    }
}

impl From<&NewSegment<'_>> for OwnedSegment {
    fn from(segment: &NewSegment<'_>) -> Self {
        let NewSegment { file, sequence, section, hash, bytes } = *segment;
        OwnedSegment { file, sequence, section: section as u8, hash, bytes: bytes.to_vec() }
    }
}

fn write_until_closed(connection: &mut Connection, asked: &Receiver<Asked>) {
    while let Ok(first) = asked.recv() {
        let (tasks, answers): (Vec<_>, Vec<_>) =
            gather(first, asked).into_iter().map(|asked| (asked.task, asked.answer)).unzip();
        for (answer, result) in answers.into_iter().zip(commit(connection, &tasks)) {
            // A caller that is gone needs no answer.
            let _ = answer.send(result);
        }
    }
}

fn gather(first: Asked, asked: &Receiver<Asked>) -> Vec<Asked> {
    let mut bytes = first.task.sealed_bytes();
    let mut group = vec![first];
    while bytes < GROUP_BYTES_MAX && group.len() < GROUP_TASKS_MAX {
        let Ok(next) = asked.try_recv() else { break };
        bytes += next.task.sealed_bytes();
        group.push(next);
    }
    group
}

/// Commits all tasks at once, or, where that fails, each on its own, so that one caller's task
/// which does not fit on the disk fails nobody else's.
fn commit(connection: &mut Connection, tasks: &[Task]) -> Vec<Result<u64, Fault>> {
    match (commit_together(connection, tasks), tasks) {
        (Ok(counts), _) => counts.into_iter().map(Ok).collect(),
        (Err(fault), [_]) => vec![Err(fault)],
        (Err(Fault::World(World::Busy)), _) => {
            tasks.iter().map(|_| Err(World::Busy.into())).collect()
        }
        (Err(_), _) => {
            let singly = |task| commit_together(connection, std::slice::from_ref(task));
            tasks.iter().map(singly).map(|counts| counts.map(|rows| rows.iter().sum())).collect()
        }
    }
}

fn commit_together(connection: &mut Connection, tasks: &[Task]) -> Result<Vec<u64>, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let counts = tasks.iter().map(|task| write(&transaction, task)).collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(counts)
}

fn write(connection: &Connection, task: &Task) -> Result<u64, Fault> {
    match task {
        Task::Append(segments) => put_segments(connection, segments),
        Task::PutChunk { file, attachment, number, hash, bytes } => {
            let mut put = connection.prepare_cached(sql::PUT_CHUNK)?;
            let key = (file.as_bytes(), attachment.as_bytes(), number);
            Ok(put.execute(params![key.0, key.1, key.2, hash, bytes])? as u64)
        }
        Task::ForgetOrphans { file, from } => {
            let mut delete = connection.prepare_cached(sql::FORGET_ORPHANS)?;
            Ok(delete.execute(params![file.as_bytes(), from])? as u64)
        }
        Task::DropAttachment { file, attachment } => {
            let mut delete = connection.prepare_cached(sql::DROP_ATTACHMENT)?;
            Ok(delete.execute(params![file.as_bytes(), attachment.as_bytes()])? as u64)
        }
        Task::Erase { file } => {
            let segments = connection.execute(sql::ERASE_SEGMENTS, [file.as_bytes()])?;
            let chunks = connection.execute(sql::ERASE_CHUNKS, [file.as_bytes()])?;
            Ok((segments + chunks) as u64)
        }
    }
}

fn put_segments(connection: &Connection, segments: &[OwnedSegment]) -> Result<u64, Fault> {
    let mut put = connection.prepare_cached(sql::PUT_SEGMENT)?;
    for OwnedSegment { file, sequence, section, hash, bytes } in segments {
        put.execute(params![file.as_bytes(), sequence, section, hash, bytes])?;
    }
    Ok(segments.len() as u64)
}

#[cfg(test)]
mod tests;
