import { tidyRoomName } from '../session/roomName';

/** What the address of a room asks for besides the room. */
export interface RoomOptions {
  /** Prefilled display name. */
  readonly name: string | null;
  /** Join without a click when the browser allows. */
  readonly join: boolean;
  /** Whether the devices start on. */
  readonly camera: boolean;
  readonly microphone: boolean;
}

export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'room'; readonly room: string; readonly options: RoomOptions }
  | { readonly screen: 'unknown' };

/** Reads a location below the base path. */
export function parseRoute(location: { pathname: string; search: string }, base: string): Route {
  // `/meet` is the home page below the base path `/meet/`, too.
  const rest = `${location.pathname}/`.startsWith(base) ? location.pathname.slice(base.length) : null;
  if (rest === null) return { screen: 'unknown' };
  if (rest === '') return { screen: 'home' };
  const encoded = /^room\/([^/]+)\/?$/.exec(rest)?.[1];
  if (encoded === undefined) return { screen: 'unknown' };
  return { screen: 'room', room: tidyRoomName(decode(encoded)), options: roomOptions(location.search) };
}

/** Path of a room, relative to the base. */
export function roomPath(room: string): string {
  return `room/${encodeURIComponent(tidyRoomName(room))}`;
}

function roomOptions(search: string): RoomOptions {
  const query = new URLSearchParams(search);
  return {
    name: query.get('name'),
    join: isOn(query.get('join'), false),
    camera: isOn(query.get('camera'), true),
    microphone: isOn(query.get('microphone'), true),
  };
}

function isOn(value: string | null, otherwise: boolean): boolean {
  return value === null ? otherwise : value !== '0' && value !== 'false';
}

/** A link that was cut in the middle of an escape still names a room; its name then shows the rest of the escape. */
function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
