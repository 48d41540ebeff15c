//! System calls: seccomp lets those through that are in the list, and everything else fails with
//! `EPERM`.
//!
//! In no list, on purpose: datagrams, which Landlock does not know (so no names are asked for
//! either), data in the request for a connection (`MSG_FASTOPEN`), which passes Landlock by,
//! `execve`, `ptrace`, `process_vm_*`, `bpf`, `io_uring_*`, `mount`, `setuid` and their kin, `kill`
//! of others, memory that is code.

use crate::{Missing, failed};
use nix::libc::{self, c_long};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule,
};

/// A system call, and what has to hold of its arguments.
type Rule = (c_long, Vec<SeccompRule>);

/// The system calls that a process may make.
pub struct Calls(Vec<Rule>);

impl Calls {
    /// What all of our processes need: files, memory, threads, and sockets that are open.
    pub fn common() -> Result<Calls, Missing> {
        let lists = [FILES, MEMORY, THREADS, SOCKETS, LEGACY];
        let mut calls = Calls(Vec::new()).and(&lists.concat());
        calls.0.extend(held_down().map_err(failed)?);
        Ok(calls)
    }

    /// These as well, whatever their arguments are.
    pub fn and(mut self, more: &[c_long]) -> Calls {
        self.0.extend(more.iter().map(|call| (*call, vec![])));
        self
    }

    /// Opens connections too: by the path of a socket, and TCP by IPv4 or IPv6.
    pub fn and_connections(mut self) -> Result<Calls, Missing> {
        self.0.extend(connections().map_err(failed)?);
        Ok(self.and(&[libc::SYS_connect, libc::SYS_getpeername]))
    }

    /// Lets this process make these and no others, in every thread.
    ///
    /// Two filters: the kernel takes the stricter answer of both. The first tells the C library to
    /// start threads by `clone`, whose flags can be looked at, instead of `clone3`, whose cannot.
    pub fn enforce(self) -> Result<(), Missing> {
        let no_such_call = SeccompAction::Errno(libc::ENOSYS as u32);
        let no_clone3 = vec![(libc::SYS_clone3, vec![])];
        let no_clone3 = program(no_clone3, SeccompAction::Allow, no_such_call).map_err(failed)?;
        let refused = SeccompAction::Errno(libc::EPERM as u32);
        let allowed = program(self.0, refused, SeccompAction::Allow).map_err(failed)?;
        for program in [no_clone3, allowed] {
            seccompiler::apply_filter_all_threads(&program).map_err(failed)?;
        }
        Ok(())
    }
}

fn program(
    rules: Vec<Rule>,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules.into_iter().collect(), otherwise, matched, arch)?.try_into()
}

/// Calls of which the arguments matter.
fn held_down() -> Result<Vec<Rule>, BackendError> {
    let thread = libc::CLONE_THREAD as u64;
    let no_code = when(&[(2, masked(libc::PROT_EXEC as u64), 0)])?;
    // Names of threads, and of anonymous memory in newer C libraries.
    let names = [libc::PR_SET_NAME, libc::PR_SET_VMA];
    let names = names.map(|name| when(&[(0, SeccompCmpOp::Eq, name as u64)]));
    // How a process ends itself by a signal, and nobody else.
    let itself = u64::from(std::process::id());
    Ok(vec![
        (libc::SYS_clone, vec![when(&[(0, masked(thread), thread)])?]),
        // Refused by the other filter in the way that the C library understands.
        (libc::SYS_clone3, vec![]),
        (libc::SYS_mmap, vec![no_code.clone()]),
        (libc::SYS_mprotect, vec![no_code]),
        (libc::SYS_prctl, names.into_iter().collect::<Result<_, _>>()?),
        (libc::SYS_tgkill, vec![when(&[(0, SeccompCmpOp::Eq, itself)])?]),
        (libc::SYS_sendto, vec![when(&[(3, masked(libc::MSG_FASTOPEN as u64), 0)])?]),
    ])
}

/// Connections alone, no datagrams, and no other protocol by its number, as Landlock knows TCP and
/// not its kin (MPTCP, SCTP).
fn connections() -> Result<Vec<Rule>, BackendError> {
    let kind =
        (libc::SOCK_STREAM | libc::SOCK_DGRAM | libc::SOCK_RAW | libc::SOCK_SEQPACKET) as u64;
    let stream = (1, masked(kind), libc::SOCK_STREAM as u64);
    let usual = (2, SeccompCmpOp::Eq, 0);
    let families = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6]
        .map(|family| when(&[(0, SeccompCmpOp::Eq, family as u64), stream.clone(), usual.clone()]));
    // Whether a connection waits: all that is asked of devices and sockets by this call.
    let waits = when(&[(1, SeccompCmpOp::Eq, libc::FIONBIO)])?;
    let families = families.into_iter().collect::<Result<_, _>>()?;
    Ok(vec![(libc::SYS_socket, families), (libc::SYS_ioctl, vec![waits])])
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

const FILES: &[c_long] = &[
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

const MEMORY: &[c_long] =
    &[libc::SYS_munmap, libc::SYS_mremap, libc::SYS_madvise, libc::SYS_brk, libc::SYS_getrandom];

const THREADS: &[c_long] = &[
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

const SOCKETS: &[c_long] = &[
    libc::SYS_recvfrom,
    libc::SYS_shutdown,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_getsockname,
    libc::SYS_ppoll,
];

/// Calls that the C library uses on x86-64 alone, where newer machines have the `at` forms.
#[cfg(target_arch = "x86_64")]
const LEGACY: &[c_long] = &[
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
const LEGACY: &[c_long] = &[];
