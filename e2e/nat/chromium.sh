#!/bin/sh
# Chromium on the host that the prefix in AT names.
# shellcheck disable=SC2086 # several words on purpose
exec $AT "${CHROMIUM:-/usr/bin/chromium}" "$@"
