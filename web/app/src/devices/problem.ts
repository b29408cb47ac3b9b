import type { MediaEdges } from './edges';

/** Why a device does not work, in the terms of what mends it. */
export type DeviceProblem =
  | 'denied'
  | 'denied_by_system'
  | 'dismissed'
  | 'busy'
  | 'missing'
  | 'unplugged'
  | 'ended'
  /** The system withholds it for a while, as phones do during a phone call. The track stays. */
  | 'interrupted'
  | 'overconstrained'
  | 'insecure'
  | 'unsupported'
  | 'failed';

/** Not mended by asking the browser again. */
const FINAL: readonly DeviceProblem[] = ['insecure', 'unsupported'];

/** Whether asking the browser again can help. */
export function canRetry(problem: DeviceProblem): boolean {
  return !FINAL.includes(problem);
}

/** Why there are no devices at all; null when there may be some. */
export function contextProblem(edges: Pick<MediaEdges, 'mediaDevices' | 'secure'>): DeviceProblem | null {
  if (edges.mediaDevices) return null;
  return edges.secure ? 'unsupported' : 'insecure';
}

/** What is known about a rejection of `getUserMedia`, asked after it. */
export interface Circumstances {
  readonly permission: PermissionState | 'unknown';
  /** How long the browser took to answer, milliseconds. */
  readonly tookMs: number;
}

/** Nobody reads and answers a question faster than this, so that none was shown. */
const FASTEST_ANSWER_MS = 300;

/** Reads what `getUserMedia` was rejected with. */
export function classifyDeviceError(error: unknown, { permission, tookMs }: Circumstances): DeviceProblem {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      if (/system/i.test(message)) return 'denied_by_system';
      if (/dismiss/i.test(message)) return 'dismissed';
      // Still undecided after the question: it was closed without an answer. Firefox and Safari also stay undecided
      // after a "no" for this visit, and then refuse further questions at once.
      return permission === 'prompt' && tookMs > FASTEST_ANSWER_MS ? 'dismissed' : 'denied';
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return 'missing';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'busy';
    case 'OverconstrainedError':
    case 'ConstraintNotSatisfiedError':
      return 'overconstrained';
    default:
      return 'failed';
  }
}

/** Why a track ended that the page did not stop. */
export function classifyEnd(listed: boolean, permission: PermissionState | 'unknown'): DeviceProblem {
  if (permission === 'denied') return 'denied';
  return listed ? 'ended' : 'unplugged';
}
