#!/bin/sh
# Which people behind which address can take part when the server is behind a NAT: e2e/nat-cases.sh VIDEOROOM MEET
#
# VIDEOROOM is the binary, MEET the example of that name of crates/peer (`cargo build --profile checked -p peer --example meet`).
set -eu

if [ "${1:-}" != --inside ]; then
    exec "$(dirname "$0")/nat.sh" "$0" --inside "$(realpath "$1")" "$(realpath "$2")"
fi
videoroom=$2
meet=$3
data=$(mktemp --directory)

# The client knows the server's public address by a name.
made=no
[ -d /etc/netns ] || { mkdir /etc/netns && made=yes; }
mount -t tmpfs tmpfs /etc/netns
trap 'umount /etc/netns; [ $made = no ] || rmdir /etc/netns; rm -r "$data"' EXIT
mkdir -p /etc/netns/client
printf '127.0.0.1 localhost\n198.51.100.1 meet.example\n' > /etc/netns/client/hosts

failed=0
# What it is about, flags of the server, who meets, how they type the address, and whether media flows.
try() {
    what=$1 flags=$2 who=$3 typed=$4 expected=$5
    # shellcheck disable=SC2086 # the flags are several words
    $SERVER "$videoroom" --tls off --listen 8080 --media-port 50000 --data-dir "$data" --workers 2 $flags > "$data/out" 2> "$data/log" &
    server=$!
    tries=0
    until grep -q '^ready: ' "$data/out"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { cat "$data/log" >&2; echo "the server does not start" >&2; exit 1; }
        sleep 0.1
    done
    if $who "$meet" "$typed:8080" room > "$data/met" 2>&1; then found=yes; else found=no; fi
    if [ $found = "$expected" ]; then
        echo "ok      $what: $(cat "$data/met")"
    else
        echo "FAILED  $what: $(cat "$data/met")"
        cat "$data/log"
        failed=1
    fi
    kill -TERM $server
    wait $server || { echo "the server does not end well" >&2; failed=1; }
}

try "from the same network" "" "$SERVER" 10.1.0.2 yes
try "from outside, by the address, nothing announced" "" "$CLIENT" 198.51.100.1 yes
try "from outside, by a name, nothing announced" "" "$CLIENT" meet.example no
try "from outside, by a name, announced" "--announce 198.51.100.1" "$CLIENT" meet.example yes
try "from outside, by a name, public address and own one announced" "--announce 198.51.100.1 --announce 10.1.0.2" "$CLIENT" meet.example yes
try "from the same network, public address and own one announced" "--announce 198.51.100.1 --announce 10.1.0.2" "$SERVER" 10.1.0.2 yes
exit $failed
