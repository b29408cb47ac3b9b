//! What a check found.

/// How bad it is, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Works, and is worth knowing.
    Note,
    /// Works for some, or not for long.
    Warning,
    /// Does not work.
    Problem,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, in two words.
    pub subject: &'static str,
    /// How bad it is.
    pub verdict: Verdict,
    /// What was found, a sentence without its full stop.
    pub says: String,
    /// What to do about it; empty when there is nothing to do.
    pub cure: String,
}

impl Finding {
    /// As it should be.
    pub(super) fn good(subject: &'static str, says: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Good, says: says.into(), cure: String::new() }
    }

    /// Worth knowing.
    pub(super) fn note(subject: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Note, says: says.into(), cure: cure.into() }
    }

    /// Works for some, or not for long.
    pub(super) fn warning(subject: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Warning, says: says.into(), cure: cure.into() }
    }

    /// Does not work.
    pub(super) fn problem(subject: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Problem, says: says.into(), cure: cure.into() }
    }
}
