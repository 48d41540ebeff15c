//! The system calls that watch and server need: everything else fails with `EPERM`.
//!
//! Not in the list, on purpose: datagrams, which Landlock does not know (so no names are asked for
//! either), data in the request for a connection (`MSG_FASTOPEN`), which passes Landlock by,
//! `execve`, `ptrace`, `process_vm_*`, `bpf`, `io_uring_*`, `mount`, `setuid` and their kin, `kill`
//! of others, memory that is code; for the watch, which serves nobody, `bind`, `listen`, `accept`.

use crate::failure::{Failure, Outcome};
use keyholder::{Rule, allow_only};
use nix::libc;
use seccompiler::{BackendError, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

/// Puts the list up, for every thread of this process and for good; says in the log what came of
/// it, where `missing` is what its lack means.
pub(crate) fn enter(more: &[libc::c_long], missing: &str) {
    match hold(more) {
        Ok(()) => tracing::info!(wall = "seccomp", state = "up"),
        Err(why) => tracing::warn!(wall = "seccomp", state = missing, %why),
    }
}

/// Puts up the list that all have in common, with what this process needs beside it.
pub(crate) fn hold(more: &[libc::c_long]) -> Outcome {
    let broken = |why: String| Failure::World(format!("the list of system calls: {why}"));
    allow_only(allowed(more).map_err(|error| broken(error.to_string()))?).map_err(broken)
}

/// The list, with the arguments that matter held down.
fn allowed(more: &[libc::c_long]) -> Result<Vec<Rule>, BackendError> {
    let plain = FILES.iter().chain(MEMORY).chain(THREADS).chain(SOCKETS).chain(LEGACY).chain(more);
    let mut rules: Vec<Rule> = plain.map(|call| (*call, vec![])).collect();
    let thread = libc::CLONE_THREAD as u64;
    rules.push((libc::SYS_clone, vec![when(&[(0, masked(thread), thread)])?]));
    // Refused by the other filter in the way that the C library understands.
    rules.push((libc::SYS_clone3, vec![]));
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.push((call, vec![when(&[(2, masked(libc::PROT_EXEC as u64), 0)])?]));
    }
    // Names of threads, and of anonymous memory in newer C libraries.
    let names = [libc::PR_SET_NAME, libc::PR_SET_VMA];
    let names = names.map(|name| when(&[(0, SeccompCmpOp::Eq, name as u64)]));
    rules.push((libc::SYS_prctl, names.into_iter().collect::<Result<_, _>>()?));
    // Whether a connection waits: all that is asked of devices and sockets by this call.
    rules.push((libc::SYS_ioctl, vec![when(&[(1, SeccompCmpOp::Eq, libc::FIONBIO)])?]));
    // How a process ends itself by a signal, and nobody else.
    let itself = u64::from(std::process::id());
    rules.push((libc::SYS_tgkill, vec![when(&[(0, SeccompCmpOp::Eq, itself)])?]));
    let fast_open = masked(libc::MSG_FASTOPEN as u64);
    rules.push((libc::SYS_sendto, vec![when(&[(3, fast_open, 0)])?]));
    rules.push((libc::SYS_socket, streams()?));
    Ok(rules)
}

/// The keyholder's door, and TCP by IPv4 or IPv6: connections alone, no datagrams, and no other
/// protocol by its number, as Landlock knows TCP and not its kin (MPTCP, SCTP).
fn streams() -> Result<Vec<SeccompRule>, BackendError> {
    let kind =
        (libc::SOCK_STREAM | libc::SOCK_DGRAM | libc::SOCK_RAW | libc::SOCK_SEQPACKET) as u64;
    let stream = (1, masked(kind), libc::SOCK_STREAM as u64);
    [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6]
        .map(|family| {
            let usual = (2, SeccompCmpOp::Eq, 0);
            when(&[(0, SeccompCmpOp::Eq, family as u64), stream.clone(), usual])
        })
        .into_iter()
        .collect()
}

fn masked(mask: u64) -> SeccompCmpOp {
    SeccompCmpOp::MaskedEq(mask)
}

/// All of these hold: the argument's number, how it is compared, and with what.
fn when(all: &[(u8, SeccompCmpOp, u64)]) -> Result<SeccompRule, BackendError> {
    let conditions = all.iter().map(|(argument, how, value)| {
        SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, how.clone(), *value)
    });
    SeccompRule::new(conditions.collect::<Result<_, _>>()?)
}

const FILES: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_lseek,
    libc::SYS_openat,
    libc::SYS_fcntl,
    libc::SYS_flock,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_ftruncate,
    libc::SYS_fchmod,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_mkdirat,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_geteuid,
    libc::SYS_getuid,
];

const MEMORY: &[libc::c_long] =
    &[libc::SYS_munmap, libc::SYS_mremap, libc::SYS_madvise, libc::SYS_brk, libc::SYS_getrandom];

const THREADS: &[libc::c_long] = &[
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

const SOCKETS: &[libc::c_long] = &[
    libc::SYS_connect,
    libc::SYS_recvfrom,
    libc::SYS_shutdown,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_ppoll,
];

/// Calls that the C library uses on x86-64 alone, where newer machines have the `at` forms.
#[cfg(target_arch = "x86_64")]
const LEGACY: &[libc::c_long] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_mkdir,
    libc::SYS_readlink,
    libc::SYS_poll,
];
#[cfg(not(target_arch = "x86_64"))]
const LEGACY: &[libc::c_long] = &[];
