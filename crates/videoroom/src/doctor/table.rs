//! The findings for people at a terminal.

use std::fmt::Write as _;

use super::{Finding, Verdict};

/// A line for each finding, with its cure below, and a summary.
pub fn table(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.subject.len()).max().unwrap_or_default();
    let mut text = String::new();
    for finding in findings {
        let word = word(finding.verdict);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{word:<7}  {:<width$}  {}", finding.subject, finding.says);
        if !finding.cure.is_empty() {
            let _ = writeln!(text, "{:<7}  {:<width$}  -> {}", "", "", finding.cure);
        }
    }
    text.push('\n');
    text.push_str(&summary(findings));
    text
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "ok",
        Verdict::Note => "note",
        Verdict::Warning => "warning",
        Verdict::Problem => "problem",
    }
}

fn summary(findings: &[Finding]) -> String {
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    match (count(Verdict::Problem), count(Verdict::Warning)) {
        (0, 0) => "Nothing stands in the way.\n".to_owned(),
        (0, warnings) => format!("It works, with {}.\n", number(warnings, "warning")),
        (problems, 0) => format!("{} to solve first.\n", number(problems, "problem")),
        (problems, warnings) => format!("{} to solve first, and {}.\n", number(problems, "problem"), number(warnings, "warning")),
    }
}

fn number(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up_and_ends_with_a_summary() {
        let findings = [
            Finding::good("public port", "TCP port 8080 is free"),
            Finding::problem("media port", "UDP port 50000 is in use by coturn (process 812)", "stop coturn"),
            Finding::warning("clock", "wrong", "set it"),
        ];
        let expected = "\
ok       public port  TCP port 8080 is free
problem  media port   UDP port 50000 is in use by coturn (process 812)
                      -> stop coturn
warning  clock        wrong
                      -> set it

1 problem to solve first, and 1 warning.
";
        assert_eq!(table(&findings), expected);
        assert!(table(&findings[..1]).ends_with("Nothing stands in the way.\n"));
        assert!(table(&findings[2..]).ends_with("It works, with 1 warning.\n"));
    }
}
