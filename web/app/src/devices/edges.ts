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
    async permission(kind) {
      try {
        const status = await navigator.permissions.query({ name: kind });
        return status.state;
      } catch {
        // The browser has no Permissions API, or does not know these names.
        return 'unknown';
      }
    },
  };
}
