//! Who runs where: the server gets a core of its own. Its clients are other machines in life and do not evict its caches.

use std::thread;

use anyhow::{Context, Result};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// The server's core.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerCore(usize);

impl ServerCore {
    /// Takes the first core away from the calling thread and all that it starts. `None` on a machine with a single one.
    pub(crate) fn reserve() -> Result<Option<Self>> {
        let mut cores = sched_getaffinity(Pid::from_raw(0))?;
        let all: Vec<usize> = (0..CpuSet::count()).filter(|core| cores.is_set(*core).unwrap_or(false)).collect();
        let [first, _, ..] = all.as_slice() else { return Ok(None) };
        cores.unset(*first)?;
        sched_setaffinity(Pid::from_raw(0), &cores)?;
        Ok(Some(Self(*first)))
    }

    /// Starts a process on this core: it inherits the core of the thread that starts it.
    pub(crate) fn start<T: Send>(self, start: impl FnOnce() -> std::io::Result<T> + Send) -> Result<T> {
        let started = thread::scope(|scope| {
            let starter = scope.spawn(move || -> Result<T> {
                let mut core = CpuSet::new();
                core.set(self.0)?;
                sched_setaffinity(Pid::from_raw(0), &core)?;
                Ok(start()?)
            });
            starter.join()
        });
        started.ok().context("the thread that starts the server broke")?
    }
}
