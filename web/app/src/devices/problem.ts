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
  | 'overconstrained'
  | 'insecure'
  | 'unsupported'
  | 'failed';

/** Why there are no devices at all; null when there may be some. */
export function contextProblem(edges: Pick<MediaEdges, 'mediaDevices' | 'secure'>): DeviceProblem | null {
  if (edges.mediaDevices) return null;
  return edges.secure ? 'unsupported' : 'insecure';
}

/** Reads what `getUserMedia` was rejected with. `permission` is asked after the rejection. */
export function classifyDeviceError(error: unknown, permission: PermissionState | 'unknown'): DeviceProblem {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      if (/system/i.test(message)) return 'denied_by_system';
      // Still undecided after the question: it was closed without an answer.
      return permission === 'prompt' || /dismiss/i.test(message) ? 'dismissed' : 'denied';
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
