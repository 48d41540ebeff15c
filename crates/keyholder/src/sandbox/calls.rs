//! The system calls that the keyholder needs: everything else fails with `EPERM`.
//!
//! Not in the list, on purpose: `socket` and `connect` (connections are only accepted), `execve`,
//! `ptrace`, `process_vm_*`, `bpf`, `mount`, `setuid` and their kin, `kill` of others.

use super::Rule;
use nix::libc;
use seccompiler::{
    BackendError, SeccompCmpArgLen::Dword, SeccompCmpArgLen::Qword, SeccompCmpOp, SeccompCondition,
    SeccompRule,
};

/// The list, with the arguments that matter held down.
pub(super) fn allowed() -> Result<Vec<Rule>, BackendError> {
    let plain = FILES.iter().chain(MEMORY).chain(THREADS).chain(SOCKETS).chain(LEGACY);
    let mut rules: Vec<Rule> = plain.map(|call| (*call, vec![])).collect();
    let thread = libc::CLONE_THREAD as u64;
    rules.push((libc::SYS_clone, vec![when(0, Qword, SeccompCmpOp::MaskedEq(thread), thread)?]));
    // The C library needs it to open threads in the way described in the parent module.
    rules.push((libc::SYS_clone3, vec![]));
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let executable = SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64);
        rules.push((call, vec![when(2, Dword, executable, 0)?]));
    }
    let name = when(0, Dword, SeccompCmpOp::Eq, libc::PR_SET_NAME as u64)?;
    // Anonymous mappings get a name for diagnosis in newer C libraries.
    let vma = when(0, Dword, SeccompCmpOp::Eq, libc::PR_SET_VMA as u64)?;
    rules.push((libc::SYS_prctl, vec![name, vma]));
    Ok(rules)
}

fn when(
    argument: u8,
    length: seccompiler::SeccompCmpArgLen,
    comparison: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, length, comparison, value)?])
}

const FILES: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_readv,
    libc::SYS_writev,
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
    libc::SYS_fallocate,
    libc::SYS_fchmod,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_mkdirat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
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
    libc::SYS_rt_sigtimedwait,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_tgkill,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

const SOCKETS: &[libc::c_long] = &[
    libc::SYS_accept4,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_shutdown,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_getsockname,
    libc::SYS_ppoll,
];

/// Calls that the C library uses on x86-64 alone, where newer machines have the `at` forms.
#[cfg(target_arch = "x86_64")]
const LEGACY: &[libc::c_long] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_mkdir,
    libc::SYS_readlink,
    libc::SYS_poll,
];
#[cfg(not(target_arch = "x86_64"))]
const LEGACY: &[libc::c_long] = &[];
