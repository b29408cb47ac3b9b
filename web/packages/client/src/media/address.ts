/** Names that only exist in the network they are used in (RFC 6762, RFC 8375, and what routers hand out). */
const LOCAL_NAME = /(^[^.]+|\.(local|lan|home|internal|localdomain|home\.arpa))$/i;

/** Loopback, private, shared and link-local (RFC 1122, RFC 1918, RFC 6598, RFC 3927). */
const PRIVATE_V4 =
  /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^169\.254\./;

/** Loopback, unique local and link-local (RFC 4291, RFC 4193). */
const PRIVATE_V6 = /^(::1$|f[cd]|fe[89ab])/i;

const V4 = /^\d+\.\d+\.\d+\.\d+$/;

/** Whether an address or a name cannot be reached from the internet. */
export function isPrivate(host: string): boolean {
  if (V4.test(host)) return PRIVATE_V4.test(host);
  if (host.includes(':')) return PRIVATE_V6.test(host);
  return LOCAL_NAME.test(host);
}

/** Whether both are IPv4 addresses of what is most likely one network (their first half is the same). */
export function areNeighbours(a: string, b: string): boolean {
  const half = (address: string) => address.split('.').slice(0, 2).join('.');
  return V4.test(a) && V4.test(b) && half(a) === half(b);
}

/** Whether this is a numeric IPv4 address. */
export function isV4(host: string): boolean {
  return V4.test(host);
}
