/**
 * What the tests have asked of the SDK, so that the last ones can say what was left out. The client is unchanged: it stands
 * behind an object that passes everything on and writes it down.
 */

import * as sdk from '@fishjam-cloud/js-server-sdk';
import type { ExpectedEvents, FishjamClient } from '@fishjam-cloud/js-server-sdk';

/** Calls that were made, and exceptions that came of them, by name. */
export class Ledger {
  private readonly calls = new Set<string>();
  private readonly exceptions = new Set<string>();
  /** Which call met which exception. */
  private readonly exceptionsOfCalls = new Set<string>();

  /** The same client, watched. */
  watch(client: FishjamClient): FishjamClient {
    return new Proxy(client, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          this.calls.add(String(name));
          try {
            return (await Reflect.apply(value, target, args)) as unknown;
          } catch (error) {
            const [exception] = this.meet(error);
            this.exceptionsOfCalls.add(`${String(name)}: ${exception}`);
            throw error;
          }
        };
      },
    });
  }

  /** The names of what was thrown, its own first. */
  meet(error: unknown): string[] {
    const names: string[] = [];
    for (
      let each: object | null = Object(error) as object;
      each !== null;
      each = Object.getPrototypeOf(each) as object | null
    ) {
      names.push(...EXCEPTIONS.filter(([, value]) => each === value.prototype).map(([name]) => name));
    }
    names.forEach((name) => this.exceptions.add(name));
    return names;
  }

  /** What the client offers. */
  static offered(): string[] {
    const own = ['constructor', 'handleDeprecationHeader'];
    return Object.getOwnPropertyNames(sdk.FishjamClient.prototype).filter((name) => !own.includes(name));
  }

  /** What the client offers and nobody called. */
  notCalled(): string[] {
    return Ledger.offered().filter((name) => !this.calls.has(name));
  }

  /** Exceptions that calls can end with, and that nobody met there. */
  notMetByCalls(): string[] {
    const all = Object.entries(EXCEPTIONS_OF_CALLS).flatMap(([call, names]) => names.map((name) => `${call}: ${name}`));
    return all.filter((each) => !this.exceptionsOfCalls.has(each));
  }

  /** Exceptions that nobody met. */
  notMet(): string[] {
    return EXCEPTIONS.map(([name]) => name).filter((name) => !this.exceptions.has(name));
  }
}

/** All that the SDK exports; its bundle gives the classes no names. */
const EXCEPTIONS = Object.entries(sdk).filter(([name]) => name.endsWith('Exception')) as [
  string,
  { prototype: object },
][];

type Calls = Exclude<keyof FishjamClient, 'handleDeprecationHeader'>;

/**
 * What each call can end with; the SDK does not say which of its exceptions belong to which call. No call but `createRoom` is
 * told that the service is unavailable, because every room is on this server; ids that no room can have belong to no room, so they are
 * no bad request; `UnknownException` is a full room, for which there is no class.
 */
const EXCEPTIONS_OF_CALLS: Record<Calls, string[]> = {
  createRoom: ['BadRequestException', 'UnauthorizedException', 'ServiceUnavailableException'],
  getAllRooms: ['UnauthorizedException'],
  getRoom: ['UnauthorizedException', 'RoomNotFoundException'],
  deleteRoom: ['UnauthorizedException', 'RoomNotFoundException'],
  createPeer: ['BadRequestException', 'UnauthorizedException', 'FishjamNotFoundException', 'UnknownException'],
  deletePeer: ['UnauthorizedException', 'PeerNotFoundException'],
  refreshPeerToken: ['UnauthorizedException', 'PeerNotFoundException'],
  subscribePeer: ['BadRequestException', 'UnauthorizedException', 'PeerNotFoundException'],
  subscribeTracks: ['BadRequestException', 'UnauthorizedException', 'PeerNotFoundException'],
  createAgent: ['BadRequestException', 'UnauthorizedException', 'FishjamNotFoundException'],
  createLivestreamViewerToken: ['BadRequestException', 'UnauthorizedException', 'FishjamNotFoundException'],
  createLivestreamStreamerToken: ['BadRequestException', 'UnauthorizedException', 'FishjamNotFoundException'],
};

const NO_STREAMS = 'there are no livestreams';

/** Each notification of the SDK, and why it never comes, if so. */
export const NOTIFICATIONS: Record<ExpectedEvents, 'comes' | typeof NO_STREAMS> = {
  roomCreated: 'comes',
  roomDeleted: 'comes',
  roomCrashed: 'comes',
  peerAdded: 'comes',
  peerDeleted: 'comes',
  peerConnected: 'comes',
  peerDisconnected: 'comes',
  peerMetadataUpdated: 'comes',
  peerCrashed: 'comes',
  streamConnected: NO_STREAMS,
  streamDisconnected: NO_STREAMS,
  viewerConnected: NO_STREAMS,
  viewerDisconnected: NO_STREAMS,
  trackAdded: 'comes',
  trackRemoved: 'comes',
  trackMetadataUpdated: 'comes',
};
