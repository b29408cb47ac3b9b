import { ClientError } from '../errors';
import type { Handover } from '../signalling/signalling';
import type { ErrorCode } from '../types';
import type { Pace } from './backoff';

/** How a session, or the attempt to start one, ended. */
export type SessionEnd =
  /** The web socket was closed by the server or the network. */
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }
  /** The server says that this peer was deleted, and why. */
  | { readonly type: 'removed'; readonly reason: string }
  /** The server no longer knows the session, and waits for another one to begin. */
  | { readonly type: 'forgotten'; readonly handover: Handover }
  /** The session was not up in time. */
  | { readonly type: 'timeout' }
  /** No media flows any more. */
  | { readonly type: 'transport' }
  /** The negotiation of media broke. */
  | { readonly type: 'negotiation'; readonly cause: unknown }
  /** The server gave up this session and says so. */
  | { readonly type: 'error'; readonly message: string };

/** What follows. */
export type Verdict =
  | { readonly then: 'end'; readonly error: ClientError }
  | {
      readonly then: 'retry';
      /** Whether the token is still good. */
      readonly access: 'same' | 'fresh';
      readonly pace: Pace;
      /** What the call ends with when no attempt succeeds. */
      readonly error: ClientError;
    };

/** Reasons of a close after which the token is worth nothing. */
const STALE = new Set([
  'missing token',
  'invalid token',
  'expired token',
  'room not found',
  'peer not found',
  'node not found',
  'unauthenticated',
]);

/** The server's own trouble (RFC 6455 section 7.4.1): whatever it knew of this peer is gone. */
const INTERNAL_ERROR = 1011;

/** Closes without anybody's word, and those of a server that goes away to come back. */
const UNANSWERED = new Set([1001, 1006, 1012]);

/** Pure: what follows from the end of a session. */
export function judge(end: SessionEnd): Verdict {
  switch (end.type) {
    case 'closed':
      return judgeClose(end.code, end.reason.trim());
    case 'removed':
      return removed(end.reason);
    case 'forgotten':
      return retry('same', 'quick', 'connection_failed', 'the media server lost the session');
    case 'timeout':
      return retry('same', 'quick', 'connection_failed', 'the media server does not answer in time');
    case 'transport':
      return retry('same', 'slow', 'media_failed', 'no media gets through');
    case 'negotiation':
      return retry('same', 'slow', 'media_failed', 'media cannot be negotiated', { cause: end.cause });
    case 'error':
      return retry('fresh', 'slow', 'internal', `the media server gave up: ${end.message}`);
  }
}

function judgeClose(code: number, reason: string): Verdict {
  const words = reason.toLowerCase();
  if (words === 'room stopped') return ended('room_closed', 'the room was closed', false);
  if (words === 'peer removed') return removed('');
  if (words === 'reached peers limit') return ended('room_full', 'the room is full', true);
  if (words === 'invalid sdk version') return ended('internal', 'the media server refuses this client version', false);
  if (STALE.has(words)) return retry('fresh', 'slow', 'token_failed', `the token is refused: ${reason}`);
  if (code === INTERNAL_ERROR) return retry('fresh', 'slow', 'internal', `the media server failed: ${reason}`);
  return retry(
    'same',
    UNANSWERED.has(code) ? 'quick' : 'slow',
    'connection_failed',
    `the connection was closed (${code} ${reason})`,
  );
}

function removed(reason: string): Verdict {
  if (reason === 'replaced') return ended('replaced', 'this person joined elsewhere', false);
  return ended('removed', 'this peer was removed from the room', false);
}

function ended(code: ErrorCode, message: string, again: boolean): Verdict {
  return { then: 'end', error: new ClientError(code, message, again) };
}

function retry(
  access: 'same' | 'fresh',
  pace: Pace,
  code: ErrorCode,
  message: string,
  options?: ErrorOptions,
): Verdict {
  return { then: 'retry', access, pace, error: new ClientError(code, message, true, options) };
}
