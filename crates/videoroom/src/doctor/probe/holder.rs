//! Who holds a port, as far as this user may see (proc(5)).

use std::fs;
use std::path::Path;

use super::super::ports::{Holder, Transport};

/// The program that has this local port; `None` when it is not to be seen.
pub(super) fn holder(transport: Transport, port: u16) -> Option<Holder> {
    let tables = match transport {
        Transport::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
        Transport::Udp => ["/proc/net/udp", "/proc/net/udp6"],
    };
    let sockets: Vec<String> = tables
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|text| inodes(&text, transport, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if sockets.is_empty() {
        return None;
    }
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut numbered = processes.filter_map(|entry| Some((entry.path(), entry.file_name().to_str()?.parse::<u32>().ok()?)));
    numbered.find(|(path, _)| has_any(path, &sockets)).map(|(path, process)| {
        let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
        Holder { name: name.trim().to_owned(), process }
    })
}

fn has_any(process: &Path, sockets: &[String]) -> bool {
    // Those of other users cannot be read.
    let Ok(files) = fs::read_dir(process.join("fd")) else { return false };
    files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|target| sockets.iter().any(|socket| target == Path::new(socket))))
}

/// Inodes of the sockets that wait on a port, from a table of the kernel.
fn inodes(table: &str, transport: Transport, port: u16) -> Vec<u64> {
    const LOCAL: usize = 1;
    const STATE: usize = 3;
    const INODE: usize = 9;
    const TCP_LISTEN: &str = "0A";
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let rows = rows.filter(|row| transport == Transport::Udp || row.get(STATE) == Some(&TCP_LISTEN));
    rows.filter(|row| {
        row.get(LOCAL).and_then(|local| local.rsplit_once(':')).is_some_and(|(_, text)| u16::from_str_radix(text, 16) == Ok(port))
    })
    .filter_map(|row| row.get(INODE)?.parse().ok())
    .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:A5E2 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1
   2: 00000000:C350 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4713 2 0000000000000000 0
";

    #[test]
    fn listeners_are_told_from_connections() {
        assert_eq!(inodes(TABLE, Transport::Tcp, 8080), [4711]);
        assert_eq!(inodes(TABLE, Transport::Udp, 50_000), [4713]);
        assert!(inodes(TABLE, Transport::Tcp, 8081).is_empty());
        assert!(inodes("garbage\nmore garbage", Transport::Tcp, 8080).is_empty());
    }

    #[test]
    fn this_process_is_found() {
        let (tcp, udp) = (std::net::TcpListener::bind("127.0.0.1:0").unwrap(), std::net::UdpSocket::bind("[::1]:0").unwrap());
        let ports = [(Transport::Tcp, tcp.local_addr().unwrap().port()), (Transport::Udp, udp.local_addr().unwrap().port())];
        for (transport, port) in ports {
            assert_eq!(holder(transport, port).unwrap().process, std::process::id(), "{transport:?}");
        }
    }
}
