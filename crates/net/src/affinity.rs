//! Binding a thread to a core.

use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Binds the calling thread to the core number `index` among those this process may use (counted from 0, wrapping
/// around when there are fewer) and returns the number by which the system knows that core.
///
/// A worker that stays on its core keeps its caches; where the system refuses, the caller may go on without.
pub fn pin_current_thread(index: usize) -> io::Result<usize> {
    let this_thread = Pid::from_raw(0);
    let allowed = sched_getaffinity(this_thread)?;
    let cores: Vec<usize> = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false)).collect();
    let core = *cores.get(index % cores.len().max(1)).ok_or_else(|| io::Error::other("no core is allowed"))?;
    let mut only = CpuSet::new();
    only.set(core)?;
    sched_setaffinity(this_thread, &only)?;
    Ok(core)
}
