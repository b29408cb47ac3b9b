import { ClientError } from '../errors';
import type { Json, TrackMetadata, TrackType } from '../types';

/** Most bytes of JSON that the server takes as metadata of a peer or a track. */
export const MAX_METADATA_BYTES = 64_000;

const TRACK_TYPES: ReadonlySet<unknown> = new Set<TrackType>([
  'camera',
  'microphone',
  'screenShareVideo',
  'screenShareAudio',
  'customVideo',
  'customAudio',
]);

/**
 * Metadata as JSON text.
 *
 * @throws ClientError `metadata_too_large`
 */
export function metadataText(metadata: Json): string {
  const text = JSON.stringify(metadata);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_METADATA_BYTES) {
    throw new ClientError('metadata_too_large', `metadata of ${bytes} bytes exceeds ${MAX_METADATA_BYTES}`);
  }
  return text;
}

/** Reads JSON text of the wire, where an empty text is null. Text that is no JSON counts as null, too. */
export function parseJson(text: string): Json {
  if (text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** Splits the metadata of an endpoint into what its client sent and what the application's server said. */
export function parseEndpointMetadata(text: string): { readonly metadata: Json; readonly serverMetadata: Json } {
  const value = parseJson(text);
  if (!isObject(value)) return { metadata: null, serverMetadata: null };
  return { metadata: value['peer'] ?? null, serverMetadata: value['server'] ?? null };
}

/** Reads the metadata of a track; null when it is something else. */
export function parseTrackMetadata(text: string): TrackMetadata | null {
  const value = parseJson(text);
  if (!isObject(value) || !TRACK_TYPES.has(value['type'])) return null;
  return { ...value, type: value['type'] as TrackType, paused: value['paused'] === true };
}

/** Whether two JSON values are equal, whatever the order of keys. */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (isArray(a) || isArray(b)) {
    return isArray(a) && isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i] ?? null));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key] ?? null, b[key] ?? null))
  );
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
