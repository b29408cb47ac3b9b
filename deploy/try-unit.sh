#!/bin/sh
# Checks the systemd unit where no systemd runs: deploy/try-unit.sh VIDEOROOM VIDEOROOM-PEER
#
# systemd-analyze knows every setting and finds the service well locked up, and while two people meet (`videoroom-peer`) the server
# makes no system call that the unit's filter refuses but those it can do without. Needs systemd-analyze, strace and curl, not root.
set -eu
# Looking whether something keeps the clock right counts as setting it.
dispensable=clock_adjtime
[ $# -eq 2 ] || { echo "usage: $0 VIDEOROOM VIDEOROOM-PEER" >&2; exit 2; }
videoroom=$(realpath "$1")
peer=$(realpath "$2")
unit=$(dirname "$(realpath "$0")")/videoroom.service
place=$(mktemp --directory)
trap 'kill "${server:-}" "${ana:-}" "${ben:-}" 2>/dev/null || true; rm -r "$place"' EXIT

# The program is not where the unit expects it on this machine.
sed "s|^ExecStart=/usr/local/bin/videoroom|ExecStart=$videoroom|" "$unit" > "$place/videoroom.service"
said=$(systemd-analyze verify --man=no "$place/videoroom.service" 2>&1) || { echo "$said" >&2; exit 1; }
[ -z "$said" ] || { echo "$said" >&2; exit 1; }
exposure=$(systemd-analyze security --no-pager --offline=true --threshold=20 "$place/videoroom.service" | tail -n 1)

# The system calls of a group, groups within it included.
calls() {
    systemd-analyze syscall-filter --no-pager "$1" | sed '1d; s/^ *//; /^#/d' | while read -r word; do
        case $word in @*) calls "$word" ;; *) echo "$word" ;; esac
    done
}
for allowed in $(sed -n 's/^SystemCallFilter=\(@.*\)/\1/p' "$unit"); do calls "$allowed"; done | sort -u > "$place/allowed"
for denied in $(sed -n 's/^SystemCallFilter=~\(@.*\)/\1/p' "$unit"); do calls "$denied"; done | sort -u > "$place/denied"
[ -s "$place/allowed" ] && [ -s "$place/denied" ] || { echo "the unit has no filter of system calls" >&2; exit 1; }

grep -q '^SystemCallErrorNumber=EPERM$' "$unit" || { echo "what the unit refuses would end the server" >&2; exit 1; }
strace --follow-forks --quiet=all --output "$place/trace" --inject="$dispensable:error=EPERM" \
    "$videoroom" --data-dir "$place/data" --listen 127.0.0.1:0 --api-listen 127.0.0.1:0 --media-port 0 --workers 2 \
    > "$place/out" 2> "$place/log" &
server=$!
tries=0
until grep -q '^ready: ' "$place/out"; do
    tries=$((tries + 1))
    kill -0 "$server" 2>/dev/null && [ $tries -lt 600 ] || { cat "$place/log" >&2; echo "it does not start" >&2; exit 1; }
    sleep 0.1
done
page=$(sed -n 's/^ready: //p' "$place/out")
metrics=$(sed -n 's/.* the media server runs api=\([^ ]*\).*/http:\/\/\1\/metrics/p' "$place/log")

# join NAME: a person whose commands come from the file of that name; its process in $person.
join() {
    access=$(curl --silent --show-error --header 'content-type: application/json' --data "{\"name\":\"$1\"}" "$page/api/rooms/r/join")
    field() { echo "$access" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
    mkfifo "$place/$1"
    "$peer" --url "$(field url)" --token "$(field token)" < "$place/$1" > "$place/$1.out" 2>&1 &
    person=$!
}
join Ana
ana=$person
exec 3> "$place/Ana"
join Ben
ben=$person
exec 4> "$place/Ben"
printf 'publish video {}\npublish audio {}\n' >&3
tries=0
until curl --silent "$metrics" | grep -q '^jellyfish_time_to_media_seconds_count 2$'; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { cat "$place/Ana.out" "$place/Ben.out" "$place/log" >&2; echo "no media" >&2; exit 1; }
    sleep 0.1
done
"$videoroom" healthcheck --listen "${page#http://}"
exec 3>&- 4>&-
wait "$ana" "$ben"
kill -TERM "$(pgrep --parent "$server")"
wait "$server" || { cat "$place/log" >&2; echo "it does not end well" >&2; exit 1; }

sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$place/trace" | sort -u > "$place/used"
[ "$(wc -l < "$place/used")" -gt 30 ] || { echo "the trace is empty" >&2; exit 1; }
refused=$({ comm -23 "$place/used" "$place/allowed"; comm -12 "$place/used" "$place/denied"; } | sort -u | grep -vx "$dispensable" || true)
[ -z "$refused" ] || { echo "the unit refuses what the server needs: $refused" >&2; exit 1; }
echo "the unit works: $(wc -l < "$place/used") system calls looked at; ${exposure#* }"
