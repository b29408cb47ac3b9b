import { absolute } from '../app/base';

/** The server's answer to a join. */
export interface JoinAnswer {
  readonly token: string;
  readonly url: string;
  readonly peerId: string;
  readonly room: string;
  readonly identity: string;
}

/** Who is in a room now. */
export interface RoomInfo {
  readonly room: string;
  readonly exists: boolean;
  readonly full: boolean;
  readonly people: readonly { readonly name: string }[];
}

export interface JoinRequest {
  readonly name: string;
  readonly identity?: string;
}

/** A request that the server refused or that never reached it (`connection_failed`, status 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** How long a join may take: the server itself gives up on a media server earlier. */
const TIMEOUT_MS = 15_000;

export function joinRoom(room: string, request: JoinRequest, fetcher: Fetch = fetch): Promise<JoinAnswer> {
  return call(fetcher, `api/rooms/${encodeURIComponent(room)}/join`, isJoinAnswer, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
}

export function roomInfo(room: string, signal?: AbortSignal, fetcher: Fetch = fetch): Promise<RoomInfo> {
  return call(fetcher, `api/rooms/${encodeURIComponent(room)}`, isRoomInfo, signal ? { signal } : {});
}

async function call<T>(fetcher: Fetch, path: string, is: (body: unknown) => body is T, init: RequestInit): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  try {
    response = await fetcher(absolute(path), { ...init, signal, cache: 'no-store', credentials: 'same-origin' });
  } catch (cause) {
    throw new ApiError('connection_failed', 0, 'the server did not answer', { cause });
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusal(response.status, body);
  if (!is(body)) throw new ApiError('internal', response.status, 'the answer has an unknown form');
  return body;
}

function refusal(status: number, body: unknown): ApiError {
  const error = isRecord(body) ? body['error'] : null;
  if (isRecord(error) && typeof error['code'] === 'string') {
    const message = typeof error['message'] === 'string' ? error['message'] : error['code'];
    return new ApiError(error['code'], status, message);
  }
  // Not our server's words: a proxy in between answered.
  const code = status === 429 ? 'too_many_requests' : status >= 502 && status <= 504 ? 'connection_failed' : 'internal';
  return new ApiError(code, status, `status ${status} without an error code`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isJoinAnswer(body: unknown): body is JoinAnswer {
  return (
    isRecord(body) &&
    ['token', 'url', 'peerId', 'room', 'identity'].every((key) => typeof body[key] === 'string' && body[key] !== '')
  );
}

function isRoomInfo(body: unknown): body is RoomInfo {
  if (!isRecord(body) || typeof body['exists'] !== 'boolean' || typeof body['full'] !== 'boolean') return false;
  const people = body['people'];
  return Array.isArray(people) && people.every((person) => isRecord(person) && typeof person['name'] === 'string');
}
