/** What an address says about where it can be reached from. */
export type Reach = 'container' | 'private' | 'public';

/** The networks that container engines make by default: Docker, Docker Desktop, Podman. */
const CONTAINER = /^172\.(1[7-9]|2\d|3[01])\.|^192\.168\.65\.|^10\.88\./;

/** Loopback, private, shared and link-local (RFC 1122, RFC 1918, RFC 6598, RFC 3927; RFC 4291, RFC 4193). */
const PRIVATE =
  /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^169\.254\.|^::1$|^f[cd][0-9a-f]{2}:|^fe[89ab][0-9a-f]:/i;

/** Names of this computer and of things in the same house (RFC 6761, RFC 6762, RFC 8375). */
const LOCAL_NAME = /^[^.:]+$|\.(localhost|local|lan|home|internal|localdomain|home\.arpa)$/i;

/** Pure: an IP address, or a name. */
export function reachOf(host: string): Reach {
  if (CONTAINER.test(host)) return 'container';
  return PRIVATE.test(host) || LOCAL_NAME.test(host) ? 'private' : 'public';
}

/** Whether this computer is meant. */
export function isThisComputer(host: string): boolean {
  return /^localhost$|\.localhost$|^127(\.\d+){3}$|^::1$/i.test(host);
}

/** The host of `host:port`; an IPv6 address without its brackets. */
export function hostOf(hostAndPort: string): string {
  return hostAndPort.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
