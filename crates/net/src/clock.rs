//! The machine's clock.

/// Whether the kernel says that some service keeps the clock right (`adjtimex(2)`, `STA_UNSYNC`); `None` when it says nothing.
///
/// Services that do not tell the kernel exist: `false` is a hint, not a proof.
pub fn is_kept_right() -> Option<bool> {
    // SAFETY: the structure is plain numbers, for which zero is valid; no mode bit means that nothing is changed.
    let mut clock: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a structure of the right type that outlives the call.
    let state = unsafe { libc::adjtimex(&raw mut clock) };
    (state >= 0).then_some(clock.status & libc::STA_UNSYNC == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_can_be_asked() {
        // A sandbox may forbid the call; the answer itself depends on the machine.
        let first = is_kept_right();
        assert_eq!(first.is_some(), is_kept_right().is_some());
    }
}
