#!/bin/sh
# Two hosts and a NAT between them, for address cases: e2e/nat.sh COMMAND…
#
#   server 10.1.0.2 ── 10.1.0.1 NAT 198.51.100.1 ── 198.51.100.2 client
#
# The NAT forwards TCP 8080 and UDP 50000 of its public address to the server and lets nothing else in, as a router at home or a
# cloud's 1:1 NAT does. COMMAND runs here, with SERVER and CLIENT set to prefixes that run a command on those hosts, for example
# `$SERVER videoroom --announce 198.51.100.1`. Everything ends with COMMAND. Needs root, iproute2 and nft.
set -eu

if [ "${1:-}" != --inside ]; then
    exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" --inside "$@"
fi
shift

# Names of network namespaces that nobody else sees.
mount -t tmpfs tmpfs /run/netns 2>/dev/null || { mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns; }
for host in server client; do
    ip netns add $host
    ip -n $host link set lo up
done
ip link set lo up
ip link add inner type veth peer name eth0 netns server
ip link add outer type veth peer name eth0 netns client
ip addr add 10.1.0.1/24 dev inner
ip addr add 198.51.100.1/24 dev outer
ip link set inner up
ip link set outer up
ip -n server addr add 10.1.0.2/24 dev eth0
ip -n server link set eth0 up
ip -n server route add default via 10.1.0.1
ip -n client addr add 198.51.100.2/24 dev eth0
ip -n client link set eth0 up
ip -n client route add default via 198.51.100.1
echo 1 > /proc/sys/net/ipv4/ip_forward
nft -f - <<'RULES'
table ip nat {
    chain prerouting {
        type nat hook prerouting priority dstnat;
        iifname "outer" ip daddr 198.51.100.1 tcp dport 8080 dnat to 10.1.0.2
        iifname "outer" ip daddr 198.51.100.1 udp dport 50000 dnat to 10.1.0.2
    }
    chain postrouting {
        type nat hook postrouting priority srcnat;
        oifname "outer" masquerade
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        ct status dnat accept
        iifname "inner" accept
    }
}
RULES

SERVER="ip netns exec server"
CLIENT="ip netns exec client"
export SERVER CLIENT
status=0
"$@" || status=$?
exit "$status"
