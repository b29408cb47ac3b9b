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
            this.meet(error);
            throw error;
          }
        };
      },
    });
  }

  meet(error: unknown): void {
    for (
      let each: object | null = Object(error) as object;
      each !== null;
      each = Object.getPrototypeOf(each) as object | null
    ) {
      for (const [name, value] of EXCEPTIONS) if (each === value.prototype) this.exceptions.add(name);
    }
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
