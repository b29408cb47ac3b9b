/** The two kinds of device that can be in trouble. */
export type TroubledKind = 'camera' | 'microphone';

/** A device as the browser lists it. */
export interface ListedDevice {
  readonly kind: MediaDeviceKind;
  readonly deviceId: string;
  readonly label: string;
}

/** What a test does to the devices of a page. */
export interface DeviceTroubles {
  /** From now on opening that kind is refused with that error; null: it works again. */
  refuse(kind: TroubledKind, error: string | null, message?: string): void;
  /** What the browser says about the permission, with its event when it changes. */
  permit(state: PermissionState): void;
  /** Ends what is captured of that kind, as the system does. */
  end(kind: TroubledKind): void;
  /** Plugs in or unplugs: what is listed from now on, and what is captured of unlisted ones ends. */
  list(devices: readonly ListedDevice[]): void;
  /** Ids of the devices that are open now. */
  open(): readonly string[];
}

declare global {
  interface Window {
    troubles: DeviceTroubles;
  }
}

/** Where a page keeps from load to load what {@link DeviceTroubles.refuse} said. */
export interface TroubleOptions {
  readonly refusals?: Partial<Record<TroubledKind, readonly [error: string, message: string]>>;
  readonly permission?: PermissionState;
  readonly devices?: readonly ListedDevice[];
}

/**
 * Init script: puts {@link DeviceTroubles} on the window, over the devices that are there. Self-contained, because it is
 * serialised into the page.
 */
export function installTroubles({ refusals = {}, permission = 'granted', devices = [] }: TroubleOptions): void {
  const media = (navigator as Partial<Navigator>).mediaDevices;
  // A page on an insecure address has no devices to trouble.
  if (media === undefined) return;
  const refused = new Map<string, readonly [string, string]>(Object.entries(refusals));
  let listed = devices;
  let state = permission;
  const statuses: EventTarget[] = [];
  const captured: { kind: string; id: string; track: MediaStreamTrack; ended: (() => void)[] }[] = [];

  const open = media.getUserMedia.bind(media);
  media.getUserMedia = async (constraints = {}) => {
    const wanted = (['microphone', 'camera'] as const).filter((kind) =>
      kind === 'camera' ? constraints.video : constraints.audio,
    );
    for (const kind of wanted) {
      const [name, message] = refused.get(kind) ?? [];
      if (name !== undefined) throw new DOMException(message, name);
    }
    const stream = await open(constraints);
    for (const track of stream.getTracks())
      adopt(track, track.kind === 'video' ? constraints.video : constraints.audio);
    return stream;
  };

  /** Gives a track the id and name of the listed device that was asked for. */
  function adopt(track: MediaStreamTrack, wish: boolean | MediaTrackConstraints | undefined): void {
    const kind = track.kind === 'video' ? 'camera' : 'microphone';
    const options = listed.filter((device) => device.kind === `${track.kind}input`);
    const id = typeof wish === 'object' ? (wish.deviceId as ConstrainDOMStringParameters | undefined) : undefined;
    const device = options.find(({ deviceId }) => deviceId === (id?.exact ?? id?.ideal)) ?? options[0];
    const entry = { kind, id: device?.deviceId ?? kind, track, ended: [] as (() => void)[] };
    captured.push(entry);
    const settings = track.getSettings.bind(track);
    track.getSettings = () => ({ ...settings(), deviceId: entry.id, groupId: entry.id });
    if (device) Object.defineProperty(track, 'label', { value: device.label });
    // Firefox gives the listeners of a track no events but its own.
    const listen = track.addEventListener.bind(track);
    track.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
      if (type === 'ended' && typeof listener === 'function') {
        entry.ended.push(() => listener.call(track, new Event('ended')));
      } else listen(type, listener);
    };
  }

  const enumerate = media.enumerateDevices.bind(media);
  media.enumerateDevices = async () =>
    listed.length === 0
      ? enumerate()
      : listed.map((device) => ({ ...device, groupId: device.deviceId, toJSON: () => '' }));

  const query = navigator.permissions.query.bind(navigator.permissions);
  navigator.permissions.query = (descriptor) => {
    if (!['camera', 'microphone'].includes(descriptor.name)) return query(descriptor);
    const status = new EventTarget();
    Object.defineProperty(status, 'state', { get: () => state });
    statuses.push(status);
    return Promise.resolve(status as PermissionStatus);
  };

  const isLive = ({ track }: (typeof captured)[number]): boolean => track.readyState === 'live';
  const endAll = (which: (entry: (typeof captured)[number]) => boolean): void => {
    for (const entry of captured.filter((candidate) => isLive(candidate) && which(candidate))) {
      entry.track.stop();
      for (const tell of entry.ended) tell();
    }
  };
  window.troubles = {
    refuse: (kind, error, message = '') => {
      if (error === null) refused.delete(kind);
      else refused.set(kind, [error, message]);
    },
    permit: (next) => {
      state = next;
      for (const status of statuses) status.dispatchEvent(new Event('change'));
    },
    end: (kind) => endAll((entry) => entry.kind === kind),
    list: (next) => {
      listed = next;
      endAll(({ id }) => next.every(({ deviceId }) => deviceId !== id));
      media.dispatchEvent(new Event('devicechange'));
    },
    open: () => captured.filter(isLive).map(({ id }) => id),
  };
}
