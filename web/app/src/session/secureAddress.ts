import { absolute, type Located } from '../app/base';

/** What is needed to find out; tests bring their own. */
export interface SecureEdges {
  readonly location: Pick<Location, 'href'>;
  readonly document: Located;
  /** Resolves when somebody answers at the address, whatever the answer. */
  readonly reach: (address: string, signal: AbortSignal) => Promise<unknown>;
}

/** Longer than a handshake with a slow server takes. */
const PATIENCE_MS = 5_000;

/**
 * The HTTPS address of a page that was opened over plain HTTP, when the same host answers there with a certificate
 * that the browser trusts; else null. Behind a proxy that serves both, or on a server whose redirect is off.
 */
export async function findSecureAddress({ location, document, reach }: SecureEdges): Promise<string | null> {
  if (!location.href.startsWith('http:')) return null;
  try {
    await reach(secured(absolute('healthz', document)), AbortSignal.timeout(PATIENCE_MS));
    return secured(location.href);
  } catch {
    // Nothing answers there, so there is no such address to offer.
    return null;
  }
}

function secured(address: string): string {
  const url = new URL(address);
  url.protocol = 'https:';
  return url.href;
}

export function browserSecureEdges(): SecureEdges {
  return {
    location: window.location,
    document,
    // Of another origin, which says nothing about what it answers, only that it does.
    reach: (address, signal) => fetch(address, { mode: 'no-cors', signal, cache: 'no-store' }),
  };
}
