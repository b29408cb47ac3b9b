//! `videoroom doctor`: what will not work on this machine, and the cure. It starts nothing.
//!
//! Looking and judging are apart: [`probe`] gathers facts, each check is a function from facts to a [`Finding`].

mod addresses;
mod certificate;
mod finding;
mod media_server;
mod ports;
mod probe;
mod system;
mod table;

pub use finding::{Finding, Verdict};
pub use table::table;

use crate::config::{Config, Media};

/// Checks everything.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings: Vec<Finding> = config.remarks.iter().map(|remark| Finding::warning("settings", remark, "see --help")).collect();
    findings.extend(probe::ports(config).await.iter().map(ports::check));
    findings.push(system::check_directory(&probe::directory(&config.data_dir)));
    findings.push(certificate::check(&probe::certificate(config)));
    findings.extend(probe::certificate_names(config).await.iter().filter_map(certificate::check_name));
    findings.extend(probe::media_server(config).await.as_ref().map(media_server::check));
    if let Media::Embedded(embedded) = &config.media {
        findings.extend(addresses::check(&probe::addresses(config, embedded).await));
        findings.push(system::check_buffers(&probe::buffers()));
    }
    findings.push(system::check_clock(&probe::clock()));
    findings.push(system::check_files(probe::files()));
    findings
}

/// Logs what is wrong with a starting server; notes only to those who want details. What the start itself proves is left out: ports, the data
/// directory, and that certificates can be read; why an authority gives none is logged by who asks it.
pub async fn log_findings(config: &Config) {
    let mut findings = vec![certificate::check(&probe::certificate(config)), system::check_files(probe::files())];
    // Many machines keep their clock right without the kernel's knowledge.
    findings.extend(Some(system::check_clock(&probe::clock())).filter(|finding| finding.verdict > Verdict::Note));
    findings.extend(probe::media_server(config).await.as_ref().map(media_server::check));
    if let Media::Embedded(embedded) = &config.media {
        findings.push(addresses::check_known(&probe::addresses(config, embedded).await));
    }
    for Finding { subject, verdict, says, cure } in findings {
        match verdict {
            Verdict::Good => tracing::debug!(check = subject, "{says}"),
            Verdict::Note => tracing::debug!(check = subject, "{says}; {cure}"),
            Verdict::Warning | Verdict::Problem => tracing::warn!(check = subject, "{says}; {cure}"),
        }
    }
}
