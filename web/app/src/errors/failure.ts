import type { ClientError, Diagnosis } from '@videoroom/client';
import { ApiError } from '../api/rooms';
import { t } from '../strings';
import { culprit, describeDiagnosis, tried, type Culprit } from './culprit';

/** What ended a call or kept it from starting: all that the error screen needs. */
export interface Failure {
  /** Stable name, in the page as `data-error-code`. */
  readonly code: string;
  /** For the details: technical, without secrets. */
  readonly message: string;
  /** HTTP status, when a request was refused. */
  readonly status: number | null;
  /** When it happened (milliseconds since 1970). */
  readonly at: number;
  /** What was tried, when sound and picture did not get through. */
  readonly diagnosis?: Diagnosis;
}

/** What a button of the error screen does. */
export type Cure = 'rejoin' | 'prejoin' | 'home';

export interface FailureWords {
  readonly title: string;
  readonly text: string;
  /** The first one is the likeliest cure. */
  readonly actions: readonly { readonly cure: Cure; readonly label: string }[];
  /** Whether there is more to know that could help anybody. */
  readonly hasDetails: boolean;
}

type KnownCode = keyof typeof t.failures;

const { actions } = t;
const tryAgain = { cure: 'rejoin', label: actions.tryAgain } as const;
const home = { cure: 'home', label: actions.home } as const;
const otherRoom = { cure: 'home', label: actions.otherRoom } as const;

const ACTIONS: Record<KnownCode, FailureWords['actions']> = {
  room_full: [tryAgain, otherRoom],
  invalid_room_name: [otherRoom],
  invalid_name: [{ cure: 'prejoin', label: actions.changeName }, home],
  too_many_requests: [tryAgain, home],
  media_server_unavailable: [tryAgain, home],
  connection_failed: [tryAgain, home],
  media_failed: [tryAgain, home],
  removed: [home, { cure: 'prejoin', label: actions.joinAgain }],
  replaced: [{ cure: 'rejoin', label: actions.joinHere }, home],
  room_closed: [home, { cure: 'prejoin', label: actions.startAgain }],
  away: [{ cure: 'rejoin', label: actions.joinAgain }],
  unsupported_browser: [home],
  not_found: [home],
  internal: [tryAgain, home],
};

/** Nothing went wrong with these: what happened is all there is to say. */
const PLAIN: readonly KnownCode[] = ['away', 'replaced', 'room_closed', 'removed'];

/** Codes that a person meets as another one. */
const SAME_AS = new Map<string, KnownCode>([
  ['token_failed', 'connection_failed'],
  ['invalid_request', 'internal'],
]);

/** Title, explanation and cures; unknown codes read like an internal error. */
export function failureWords({ code, diagnosis }: Pick<Failure, 'code' | 'diagnosis'>): FailureWords {
  const known = isKnown(code) ? code : (SAME_AS.get(code) ?? 'internal');
  const words = { ...t.failures[known], actions: ACTIONS[known], hasDetails: !PLAIN.includes(known) };
  return diagnosis ? { ...words, ...noMediaWords(diagnosis, culprit(diagnosis, false)) } : words;
}

/** The same two sentences during the call and after it. */
export function noMediaWords(diagnosis: Diagnosis, cause: Culprit): { readonly title: string; readonly text: string } {
  const where = tried(diagnosis);
  const text = t.noMedia.culprits[cause];
  return { title: t.noMedia.title, text: where === '' ? text : `${t.noMedia.tried(where)} ${text}` };
}

function isKnown(code: string): code is KnownCode {
  return Object.hasOwn(ACTIONS, code);
}

/** Reads any thrown value. */
export function toFailure(error: unknown, at: number): Failure {
  if (error instanceof ApiError) return { code: error.code, message: error.message, status: error.status, at };
  if (isClientError(error)) {
    const cause = error.cause;
    return { code: error.code, message: error.message, status: cause instanceof ApiError ? cause.status : null, at };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), status: null, at };
}

/** By its form: the client's code is loaded only when it is needed. */
function isClientError(error: unknown): error is Error & Pick<ClientError, 'code'> {
  return error instanceof Error && error.name === 'ClientError' && 'code' in error && typeof error.code === 'string';
}

/** Whether the same request may succeed later without anybody doing anything about it. */
export function isPassing(code: string): boolean {
  return ['connection_failed', 'media_server_unavailable', 'too_many_requests', 'internal'].includes(code);
}

/** Details to copy into a mail to whoever runs the server: no token, no identity, no name, no query. */
export function describeFailure(failure: Failure, room: string | null, browser: string): string {
  return [
    `code: ${failure.code}`,
    `reason: ${failure.message}`,
    ...(failure.status === null ? [] : [`status: ${failure.status}`]),
    ...(room === null ? [] : [`room: ${room}`]),
    `time: ${new Date(failure.at).toISOString()}`,
    `browser: ${browser}`,
    ...(failure.diagnosis ? [describeDiagnosis(failure.diagnosis, culprit(failure.diagnosis, false))] : []),
  ].join('\n');
}
