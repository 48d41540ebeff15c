//! Files and ports: Landlock, with the newest rules that the kernel has.

use crate::{Missing, failed};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, NetPort, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use std::path::{Path, PathBuf};

/// The newest rules that are asked for; an older kernel gives what it has.
const RULES: ABI = ABI::V6;

/// All that a process may reach. The sockets of others by their paths are left to the rights of
/// files, which Landlock does not ask there; those without a path, and signals to others, are not.
#[derive(Default)]
pub struct Reach {
    /// Folders to read and write in; no program is started from anywhere.
    pub folders: Vec<PathBuf>,
    /// Folders to read in.
    pub read: Vec<PathBuf>,
    /// TCP ports to listen on.
    pub listen: Vec<u16>,
    /// TCP ports to connect to, of whichever machine.
    pub connect: Vec<u16>,
}

impl Reach {
    /// Closes everything else; says how much of it the kernel does.
    pub fn enforce(&self) -> Result<RulesetStatus, Missing> {
        let everything = AccessFs::from_all(RULES) & !AccessFs::Execute;
        let reading = AccessFs::from_read(RULES) & everything;
        let mut rules = Ruleset::default()
            .handle_access(AccessFs::from_all(RULES))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(RULES)))
            .and_then(|rules| rules.scope(Scope::from_all(RULES)))
            .and_then(|rules| rules.create())
            .map_err(failed)?;
        for (paths, access) in [(&self.folders, everything), (&self.read, reading)] {
            for path in paths {
                rules = rules.add_rule(beneath(path, access)?).map_err(failed)?;
            }
        }
        let listen = self.listen.iter().map(|port| NetPort::new(*port, AccessNet::BindTcp));
        let connect = self.connect.iter().map(|port| NetPort::new(*port, AccessNet::ConnectTcp));
        for port in listen.chain(connect) {
            rules = rules.add_rule(port).map_err(failed)?;
        }
        Ok(rules.restrict_self().map_err(failed)?.ruleset)
    }
}

fn beneath(path: &Path, access: BitFlags<AccessFs>) -> Result<PathBeneath<PathFd>, Missing> {
    let folder = PathFd::new(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(PathBeneath::new(folder, access))
}
