#!/bin/sh
# Two machines on a network of their own: this one runs the server, the other one asks it.
# Arguments: the program, its data directory. Prints `key: value` lines about what the other machine saw.
set -eu
program=$1 data=$2

ip link set lo up
unshare --net sleep 120 &
other=$!
trap 'kill "$other" "${server:-$other}" 2>/dev/null || true' EXIT
while [ "$(readlink "/proc/$other/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
ip link add lan0 type veth peer name lan1
ip link set lan1 netns "$other"
ip addr add 10.88.0.1/24 dev lan0
ip link set lan0 up
there() { nsenter --target "$other" --net "$@"; }
there ip addr add 10.88.0.2/24 dev lan1
there ip link set lan1 up

"$program" --data-dir "$data" --listen 8080 --media-port 0 --workers 1 >"$data/stdout" 2>"$data/stderr" &
server=$!
tries=0
until grep -q '^ready: ' "$data/stdout"; do
    tries=$((tries + 1))
    kill -0 "$server" 2>/dev/null || { cat "$data/stderr" >&2; exit 1; }
    [ "$tries" -lt 300 ] || { cat "$data/stderr" >&2; exit 1; }
    sleep 0.1
done
printed=$(sed -n 's/^for others on the network: //p' "$data/stdout")
ask() { curl --silent --show-error --max-time 10 "$@"; }
trusted="--cacert $data/self-signed.pem"

echo "printed: $printed"
echo "ready: $(sed -n 's/^ready: //p' "$data/stdout")"
# shellcheck disable=SC2086 # two words on purpose
echo "page: $(there curl --silent --max-time 10 $trusted --output /dev/null --write-out '%{http_code} %{content_type}' "$printed/")"
echo "plain: $(there curl --silent --max-time 10 --output /dev/null --write-out '%{http_code} %{redirect_url}' http://10.88.0.1:8080/room/r)"
echo "links here: $(ask http://localhost:8080/api/links)"
echo "links there: $(there curl --silent --insecure --max-time 10 https://10.88.0.1:8080/api/links)"
echo "links by a lie: $(there curl --silent --max-time 10 --header 'Host: localhost' http://10.88.0.1:8080/api/links)"

# The machine moves to another network.
ip addr add 10.88.0.9/24 dev lan0
tries=0
# shellcheck disable=SC2086 # two words on purpose
until there curl --silent --max-time 10 $trusted --output /dev/null https://10.88.0.9:8080/; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || { echo "moved: no"; exit 0; }
    sleep 0.5
done
echo "moved: yes"
