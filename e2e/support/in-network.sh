#!/bin/sh
# Starts the browser E2E_BROWSER in the network namespace of the process E2E_NETWORK_OF.
exec nsenter --net --target "$E2E_NETWORK_OF" "$E2E_BROWSER" "$@"
