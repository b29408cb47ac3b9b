/** What the page needs from the browser's devices; tests bring their own. */
export interface MediaEdges {
  /** Null where the browser has none: plain HTTP, or no support. */
  readonly mediaDevices: Pick<
    MediaDevices,
    'getUserMedia' | 'enumerateDevices' | 'addEventListener' | 'removeEventListener'
  > | null;
  /** Whether the page is one to which browsers give devices (`window.isSecureContext`). */
  readonly secure: boolean;
  /** `unknown` where the browser does not tell. */
  permission(kind: DeviceKind): Promise<PermissionState | 'unknown'>;
  /** Calls back when the person changes a permission in the browser's settings. Returns how to stop that. */
  watchPermission(kind: DeviceKind, onChange: () => void): () => void;
  /** Whether sound can be sent to a chosen speaker. */
  readonly canChooseSpeaker: boolean;
}

/** What is captured. */
export type DeviceKind = 'microphone' | 'camera';

export const DEVICE_KINDS = ['microphone', 'camera'] as const satisfies readonly DeviceKind[];

export function browserMediaEdges(): MediaEdges {
  return {
    mediaDevices: (navigator as Partial<Navigator>).mediaDevices ?? null,
    secure: window.isSecureContext,
    canChooseSpeaker: 'setSinkId' in HTMLMediaElement.prototype,
    permission: async (kind) => (await permissionStatus(kind))?.state ?? 'unknown',
    watchPermission(kind, onChange) {
      const stopped = new AbortController();
      void permissionStatus(kind).then((status) =>
        status?.addEventListener('change', onChange, { signal: stopped.signal }),
      );
      return () => stopped.abort();
    },
  };
}

/** Null where the browser has no Permissions API, or one that does not know these names. */
async function permissionStatus(name: DeviceKind): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name });
  } catch {
    return null;
  }
}
