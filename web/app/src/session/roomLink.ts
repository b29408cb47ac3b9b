import { absolute } from '../app/base';
import { roomPath } from '../app/route';
import { isThisComputer, reachOf } from '../errors/addresses';

/** The address of a room, to give to others. */
export interface RoomLink {
  readonly url: string;
  /** It works in the network of this computer only, and is another one than in the browser's address line. */
  readonly inNetwork: boolean;
}

/** Whether the address of this page means another computer to everybody else, so that a better one is worth asking for. */
export function needsBetterLink(hostname: string): boolean {
  return isThisComputer(hostname.replace(/^\[(.*)\]$/, '$1'));
}

/** The link to a room: below the best of the addresses that the server knows, else below this page's own. */
export function roomLink(room: string, addresses: readonly string[] = []): RoomLink {
  const base = addresses[0];
  if (base === undefined || !URL.canParse(base)) return { url: absolute(roomPath(room)), inNetwork: false };
  const host = new URL(base).hostname.replace(/^\[(.*)\]$/, '$1');
  return { url: `${base}/${roomPath(room)}`, inNetwork: reachOf(host) !== 'public' };
}
