#!/bin/sh
# Runs a last stage of the Dockerfile without a container engine: deploy/try-image.sh BINARY, whose name is that of the stage
#
# A root folder with the binary and its libraries only, mounted read-only; /data to write to; the user of the image, no
# privileges; namespaces for processes, mounts and network, the latter with one end of a pair as engines make it. It proves
# that the server starts, that the health check sees it live and die, and that it ends in time. Needs root and util-linux.
set -eu

if [ "${1:-}" != --inside ]; then
    [ $# -eq 1 ] || { echo "usage: $0 BINARY" >&2; exit 2; }
    exec unshare --mount --pid --net --fork --kill-child --mount-proc "$0" --inside "$1"
fi
binary=$(realpath "$2")
program=$(basename "$binary")
dockerfile=$(dirname "$(realpath "$0")")/../Dockerfile
# What the image's file says about all stages, and about this one.
user=$(sed -n 's/^USER \([0-9]*\):[0-9]*$/\1/p' "$dockerfile")
stage() { sed -n "/^FROM base AS $program\$/,/^FROM /p" "$dockerfile" | sed -n "s/^$1 //p"; }
settings=$(stage ENV)
entry=$(stage ENTRYPOINT | tr -d '[]",')
check=$(stage HEALTHCHECK | sed -n 's/.* CMD \[\(.*\)\]$/\1/p' | tr -d '",')
[ -n "$user" ] && [ -n "$settings" ] && [ -n "$entry" ] && [ -n "$check" ] || { echo "$dockerfile lacks a part" >&2; exit 1; }
# The base image has these libraries.
foreign=$(ldd "$binary" | awk '{ print $1 }' | sed 's|.*/||' | grep -vxE 'linux-vdso.*|ld-linux.*|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+)\.so\.[0-9]+' || true)
[ -z "$foreign" ] || { echo "the base image lacks $foreign" >&2; exit 1; }

root=$(mktemp --directory)
mount -t tmpfs -o mode=0755 tmpfs "$root"
mkdir -p "$root/usr/local/bin" "$root/etc" "$root/dev" "$root/proc" "$root/sys"
: > "$root/.dockerenv"
cp "$binary" "$root/usr/local/bin/$program"
ldd "$binary" | grep -o '/[^ ]*' | while read -r library; do install -D "$library" "$root$library"; done
install -D --mode=0644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
install --directory --mode=0700 --owner=$user --group=$user "$root/data"
: > "$root/dev/null"
mount --bind /dev/null "$root/dev/null"
: > "$root/dev/urandom"
mount --bind /dev/urandom "$root/dev/urandom"
mount --rbind /proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o "mode=0700,uid=$user,gid=$user" tmpfs "$root/data"
mount -o remount,ro "$root"

ip link set lo up
ip link add eth0 type veth peer name host0
ip addr add 172.17.0.2/16 dev eth0
ip link set eth0 up

# One program that becomes the next, so that signals reach the server.
inside="env -i $settings setpriv --no-new-privs unshare --root $root --wd / --setuid $user --setgid $user"

output=$(mktemp)
log=$(mktemp)
# shellcheck disable=SC2086 # several words on purpose
$inside $entry > "$output" 2> "$log" &
server=$!
tries=0
until grep -q '^ready: ' "$output"; do
    tries=$((tries + 1))
    kill -0 "$server" 2>/dev/null && [ $tries -lt 100 ] || { cat "$output" "$log" >&2; echo "it does not start" >&2; exit 1; }
    sleep 0.1
done
# shellcheck disable=SC2086 # several words on purpose
$inside $check || { echo "the health check does not see it live" >&2; exit 1; }
[ "$program" != videoroom ] || grep -q -- '-p 50000:50000/udp' "$log" || { cat "$log" >&2; echo "it does not notice that this is a container" >&2; exit 1; }
kill -TERM "$server"
wait "$server" || { echo "it does not end well" >&2; exit 1; }
# shellcheck disable=SC2086 # several words on purpose
if $inside $check 2>/dev/null; then echo "the health check does not see it gone" >&2; exit 1; fi
[ "$(stat --format=%u:%a "$root/data/token-secret")" = "$user:600" ] || { echo "secrets are not the user's alone" >&2; exit 1; }
echo "the image works: $(grep '^ready: ' "$output")"
