import type { Room } from './rest';
import type { Meeting } from './servers';

/** What the Backend answers to somebody who may join. */
export interface Access {
  readonly token: string;
  readonly url: string;
  readonly peerId: string;
  readonly identity: string;
}

/** A refusal of the Backend. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

/** Asks for a place in a room, as the page does. */
export async function askToJoin(meeting: Meeting, room: string, name: string): Promise<Access | Refusal> {
  const response = await fetch(`${meeting.origin}/api/rooms/${encodeURIComponent(room)}/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  if (response.ok) return (await response.json()) as Access;
  const { error } = (await response.json()) as { error: { code: string } };
  return { status: response.status, code: error.code };
}

/**
 * Makes the media server's room behind a room name with the given limit, before anybody is in it. Which id belongs to
 * the name is the Backend's secret, so it is asked for once and its room is replaced.
 */
export async function limitRoom(meeting: Meeting, name: string, maxPeers: number): Promise<Room> {
  const answer = await askToJoin(meeting, name, 'Scout');
  if (!('peerId' in answer)) throw new Error(`the scout was refused: ${answer.code}`);
  const room = await roomOf(meeting, answer.peerId);
  await meeting.api.deleteRoom(room.id);
  return meeting.api.createRoom({ roomId: room.id, maxPeers });
}

/** The media server's room that holds this peer. */
export async function roomOf(meeting: Meeting, peerId: string): Promise<Room> {
  const rooms = await meeting.api.rooms();
  const room = rooms.find(({ peers }) => peers.some(({ id }) => id === peerId));
  if (room === undefined) throw new Error(`no room has the peer ${peerId}`);
  return room;
}
