//! Whether this is a container or a rented machine.

use std::fs;
use std::path::Path;

use super::super::addresses::{Engine, Surroundings};

/// What gives it away.
#[derive(Debug, Default)]
struct Marks {
    /// Docker puts a file `/.dockerenv` into each container.
    dockerenv: bool,
    /// Podman puts a file `/run/.containerenv` into each container.
    containerenv: bool,
    /// Kubernetes tells each container where its interface is.
    kubernetes: bool,
    /// The variable `container`, which systemd's container interface asks for.
    variable: bool,
    /// Control groups of this process (cgroups(7)); their paths name the engine where they are not hidden.
    cgroup: String,
    /// Interfaces are such as engines make: this network is the container's own.
    own_network: bool,
    /// Who made the machine (SMBIOS).
    vendor: String,
}

/// Makers of machines that are rented with a public address that the machine itself does not have.
const RENTED: [(&str, &str); 7] = [
    ("Amazon EC2", "Amazon EC2"),
    ("Google", "Google Cloud"),
    ("Microsoft Corporation", "Azure"),
    ("OracleCloud.com", "Oracle Cloud"),
    ("Alibaba Cloud", "Alibaba Cloud"),
    ("OpenStack Foundation", "an OpenStack cloud"),
    ("Scaleway", "Scaleway"),
];

/// Looks around.
pub(super) fn look() -> Surroundings {
    judge(&Marks {
        dockerenv: Path::new("/.dockerenv").exists(),
        containerenv: Path::new("/run/.containerenv").exists(),
        kubernetes: std::env::var_os("KUBERNETES_SERVICE_HOST").is_some(),
        variable: std::env::var_os("container").is_some(),
        cgroup: fs::read_to_string("/proc/self/cgroup").unwrap_or_default(),
        own_network: has_own_network(Path::new("/sys/class/net")),
        vendor: vendor(Path::new("/sys/class/dmi/id")),
    })
}

fn judge(marks: &Marks) -> Surroundings {
    let engine = if marks.kubernetes || marks.cgroup.contains("kubepods") {
        Some(Engine::Kubernetes)
    } else if marks.containerenv || marks.cgroup.contains("libpod") {
        Some(Engine::Podman)
    } else if marks.dockerenv || marks.cgroup.contains("/docker") {
        Some(Engine::Docker)
    } else {
        (marks.variable || marks.cgroup.contains("/lxc")).then_some(Engine::Unknown)
    };
    // One that shares the host's network has the host's addresses.
    match engine.filter(|_| marks.own_network) {
        Some(engine) => Surroundings::Container(engine),
        None => match RENTED.iter().find(|(vendor, _)| marks.vendor == *vendor) {
            Some((_, name)) => Surroundings::Cloud(name),
            None => Surroundings::Machine,
        },
    }
}

/// Whether the network has nothing but what engines make: halves of pairs, and taps. A `macvlan` or `ipvlan` interface has an
/// address of the real network and does not count. On a machine, or in a container that shares its network, there is a device.
fn has_own_network(interfaces: &Path) -> bool {
    let Ok(entries) = fs::read_dir(interfaces) else { return true };
    let made = entries.flatten().any(|entry| {
        let uevent = fs::read_to_string(entry.path().join("uevent")).unwrap_or_default();
        entry.file_name() != "lo" && !uevent.contains("DEVTYPE=")
    });
    made && !has_device(interfaces)
}

fn has_device(interfaces: &Path) -> bool {
    fs::read_dir(interfaces).is_ok_and(|entries| entries.flatten().any(|entry| entry.path().join("device").exists()))
}

/// The maker, or the product where the maker makes other machines, too.
fn vendor(id: &Path) -> String {
    let text = |file: &str| fs::read_to_string(id.join(file)).unwrap_or_default().trim().to_owned();
    let (vendor, product, asset) = (text("sys_vendor"), text("product_name"), text("chassis_asset_tag"));
    match vendor.as_str() {
        "Microsoft Corporation" if product != "Virtual Machine" => product,
        "Google" if product != "Google Compute Engine" => product,
        "QEMU" if !asset.is_empty() => asset,
        _ => vendor,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn engines_are_told_apart_and_the_hosts_network_is_no_containers() {
        let container = |engine| Surroundings::Container(engine);
        let own = || Marks { own_network: true, ..Marks::default() };
        let cgroup = |text: &str| Marks { cgroup: text.to_owned(), ..own() };
        for (marks, expected) in [
            (Marks::default(), Surroundings::Machine),
            (own(), Surroundings::Machine),
            (Marks { dockerenv: true, ..own() }, container(Engine::Docker)),
            (cgroup("12:cpu:/docker/1a2b\n0::/system.slice"), container(Engine::Docker)),
            (cgroup("0::/kubepods/besteffort/pod1"), container(Engine::Kubernetes)),
            (Marks { kubernetes: true, dockerenv: true, ..own() }, container(Engine::Kubernetes)),
            (Marks { containerenv: true, ..own() }, container(Engine::Podman)),
            (cgroup("0::/machine.slice/libpod-1a2b.scope"), container(Engine::Podman)),
            (Marks { variable: true, ..own() }, container(Engine::Unknown)),
            (cgroup("0::/user.slice/user-1000.slice"), Surroundings::Machine),
            // `--network host`: the addresses are the machine's.
            (Marks { dockerenv: true, ..Marks::default() }, Surroundings::Machine),
            (Marks { vendor: "Amazon EC2".into(), ..Marks::default() }, Surroundings::Cloud("Amazon EC2")),
            (Marks { vendor: "LENOVO".into(), ..Marks::default() }, Surroundings::Machine),
        ] {
            assert_eq!(judge(&marks), expected, "{marks:?}");
        }
    }

    #[test]
    fn the_interfaces_tell_whose_network_it_is() {
        let interface = |root: &Path, name: &str, uevent: &str, device: bool| {
            let folder = root.join(name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("uevent"), uevent).unwrap();
            if device {
                fs::create_dir(folder.join("device")).unwrap();
            }
        };
        let root = tempfile::TempDir::new().unwrap();
        let (inside, laptop, host, lan) = (root.path().join("a"), root.path().join("b"), root.path().join("c"), root.path().join("d"));
        let alone = root.path().join("e");
        interface(&alone, "lo", "INTERFACE=lo", false);
        interface(&inside, "lo", "INTERFACE=lo", false);
        interface(&inside, "eth0", "INTERFACE=eth0", false);
        interface(&laptop, "wlan0", "DEVTYPE=wlan", true);
        interface(&host, "eth0", "INTERFACE=eth0", true);
        interface(&host, "veth1", "INTERFACE=veth1", false);
        interface(&lan, "eth0", "DEVTYPE=macvlan", false);
        for (folder, own) in [(&inside, true), (&laptop, false), (&host, false), (&lan, false), (&alone, false)] {
            assert_eq!(has_own_network(folder), own, "{folder:?}");
        }
    }
}
