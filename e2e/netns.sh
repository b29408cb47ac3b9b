#!/bin/sh
# Gives a command a network of its own: loopback, the address 10.77.0.1 for media, and no way out.
# Works for root and, where unprivileged user namespaces are allowed, for everybody else.
# Everything the command started ends with it; its exit status is passed on.
set -eu

if [ "${1:-}" != --in-namespace ]; then
    as_user=
    [ "$(id -u)" -eq 0 ] || as_user="--map-current-user --keep-caps"
    # shellcheck disable=SC2086 # two words on purpose
    exec unshare $as_user --net --pid --fork --kill-child --mount-proc "$0" --in-namespace "$@"
fi
shift

ip link set lo up
ip link add media0 type veth peer name media1
ip addr add 10.77.0.1/24 dev media0
ip link set media0 up
ip link set media1 up
# Nobody lives at the gateway: browsers gather addresses only on an interface with a default route.
ip route add default via 10.77.0.2 dev media0

E2E_MEDIA_ADDRESS=10.77.0.1
export E2E_MEDIA_ADDRESS
status=0
"$@" || status=$?
exit "$status"
