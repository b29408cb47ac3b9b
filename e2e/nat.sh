#!/bin/sh
# Hosts behind a NAT and one on the other side of it: e2e/nat.sh COMMAND…
#
#   container 172.17.0.2 ─┐
#                         ├─ NAT 198.51.100.1, 198.51.100.3 ── 198.51.100.2 outside
#     machine   10.1.0.2 ─┘
#
# 198.51.100.1 forwards TCP 8080 and UDP 50000 to the container, as a container's host does; 198.51.100.3 leads to the machine,
# as the 1:1 NAT of a rented machine does; nothing else gets in. Inside, /sys tells the machine that it is a rented one.
#
# COMMAND runs on the NAT itself, with CONTAINER, MACHINE and OUTSIDE set to prefixes that run a command on those hosts. Everything
# ends with COMMAND. Works for root and, where unprivileged user namespaces are allowed, for everybody else.
#
# `e2e/nat.sh --change-ports` forgets, from within COMMAND, the ports of everybody behind the NAT and gives them others.
set -eu
PATH=$PATH:/usr/sbin:/sbin

# New datagrams of a host behind the NAT get these ports.
masquerade() {
    nft flush chain ip nat postrouting
    nft add rule ip nat postrouting oifname outer ip saddr 10.1.0.2 meta l4proto tcp snat to 198.51.100.3
    nft add rule ip nat postrouting oifname outer ip saddr 10.1.0.2 meta l4proto udp counter snat to "198.51.100.3:$1"
    nft add rule ip nat postrouting oifname outer masquerade
}

if [ "${1:-}" = --change-ports ]; then
    nft add table ip outage
    nft add chain ip outage arriving '{ type filter hook prerouting priority raw; }'
    nft add rule ip outage arriving meta l4proto udp drop
    masquerade 30000-39999
    # A NAT forgets whom it has not heard for a while: here 2 s.
    sleep 3
    nft delete table ip outage
    exit
fi
if [ "${1:-}" != --in-namespace ]; then
    as_user=
    [ "$(id -u)" -eq 0 ] || as_user="--map-current-user --keep-caps"
    # shellcheck disable=SC2086 # two words on purpose
    exec unshare $as_user --net --mount --pid --fork --kill-child --mount-proc "$0" --in-namespace "$@"
fi
shift

# host ADDRESS-OF-THE-HOST ADDRESS-OF-THE-NAT LINK: a host, and its process in $host.
host() {
    unshare --net --mount sleep infinity &
    host=$!
    until [ "$(readlink "/proc/$host/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]; do sleep 0.05; done
    ip link add "$3" type veth peer name eth0 netns "$host"
    ip addr add "$2" dev "$3"
    ip link set "$3" up
    at="nsenter --target $host --net --mount"
    # What it sees of interfaces is its own.
    $at mount -t sysfs sysfs /sys
    $at ip link set lo up
    $at ip addr add "$1" dev eth0
    $at ip link set eth0 up
    $at ip route add default via "${2%/*}"
}

ip link set lo up
host 172.17.0.2/16 172.17.0.1/16 container
CONTAINER=$at
host 10.1.0.2/24 10.1.0.1/24 machine
MACHINE=$at
host 198.51.100.2/24 198.51.100.1/24 outer
OUTSIDE=$at
ip addr add 198.51.100.3/24 dev outer
$MACHINE sh -c 'mount -t tmpfs tmpfs /sys/class && mkdir -p /sys/class/dmi/id /sys/class/net/eth0/device
    echo "Amazon EC2" > /sys/class/dmi/id/sys_vendor'

echo 1 > /proc/sys/net/ipv4/ip_forward
for timeout in nf_conntrack_udp_timeout nf_conntrack_udp_timeout_stream; do echo 2 > /proc/sys/net/netfilter/$timeout; done
nft -f - <<'RULES'
table ip nat {
    chain prerouting {
        type nat hook prerouting priority dstnat;
        iifname "outer" ip daddr 198.51.100.1 tcp dport 8080 dnat to 172.17.0.2
        iifname "outer" ip daddr 198.51.100.1 udp dport 50000 dnat to 172.17.0.2
        iifname "outer" ip daddr 198.51.100.3 tcp dport 8080 dnat to 10.1.0.2
        iifname "outer" ip daddr 198.51.100.3 udp dport 50000 dnat to 10.1.0.2
    }
    chain postrouting {
        type nat hook postrouting priority srcnat;
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        ct status dnat accept
        iifname { "container", "machine" } oifname "outer" accept
    }
}
RULES
masquerade 20000-29999

export CONTAINER MACHINE OUTSIDE
status=0
"$@" || status=$?
exit "$status"
