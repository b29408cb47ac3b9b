//! The names that a self-signed certificate is for.

use std::collections::HashSet;
use std::sync::Arc;

use net::interfaces::{LocalAddress, local_addresses};

use super::Names;

/// What people may type to reach this machine: `localhost`, the given names, and this machine's addresses as they are at each
/// call.
pub fn names_of_machine(given: impl IntoIterator<Item = String>) -> Names {
    let mut fixed = vec!["localhost".to_owned()];
    fixed.extend(given);
    Arc::new(move || {
        let addresses = local_addresses().unwrap_or_else(|error| {
            tracing::warn!(%error, "the addresses of this machine cannot be read");
            Vec::new()
        });
        names(&fixed, &addresses)
    })
}

fn names(fixed: &[String], addresses: &[LocalAddress]) -> Vec<String> {
    let mut names = fixed.to_vec();
    // Many machines get another IPv6 address every day (RFC 8981); each new certificate makes browsers warn again.
    let only_v4 = addresses.iter().any(|address| address.ip.is_ipv4() && !address.loopback);
    let typed = addresses.iter().filter(|address| address.loopback || address.ip.is_ipv4() || !only_v4);
    names.extend(typed.map(|address| address.ip.to_string()));
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn names_come_once_and_changing_addresses_only_when_there_are_no_others() {
        let address = |ip: &str| {
            let ip: std::net::IpAddr = ip.parse().unwrap();
            LocalAddress { interface: "eth0".to_owned(), ip, loopback: ip.is_loopback() }
        };
        let fixed = ["localhost".to_owned(), "192.168.1.5".to_owned()];
        let both = ["127.0.0.1", "::1", "192.168.1.5", "2001:db8::5"].map(address);
        assert_eq!(names(&fixed, &both), ["localhost", "192.168.1.5", "127.0.0.1", "::1"]);
        assert_eq!(names(&fixed[..1], &["127.0.0.1", "2001:db8::5"].map(address)), ["localhost", "127.0.0.1", "2001:db8::5"]);
    }
}
