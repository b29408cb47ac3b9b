/** What the page remembers between visits, in `localStorage`. */
export interface Preferences {
  readonly name?: string;
  readonly microphone?: RememberedDevice;
  readonly camera?: RememberedDevice;
  readonly speaker?: RememberedDevice;
  readonly theme?: 'light' | 'dark';
  /** Whether single keys do something in the room; they do by default. */
  readonly singleKeys?: boolean;
}

/** Its label is kept, too: to name a device that is gone, and because some browsers change ids. */
export interface RememberedDevice {
  readonly id: string;
  readonly label: string;
}

/** Values to remember; what is undefined is forgotten. */
export type PreferenceChanges = { readonly [K in keyof Preferences]: Preferences[K] | undefined };

type Store = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'videoroom:preferences';

export function readPreferences(store: Store | null = storage()): Preferences {
  try {
    const value: unknown = JSON.parse(store?.getItem(KEY) ?? '{}');
    return isRecord(value) ? tidy(value) : {};
  } catch {
    // Somebody else's value under our key: start afresh rather than fail.
    return {};
  }
}

/** Merges. */
export function writePreferences(changes: PreferenceChanges, store: Store | null = storage()): void {
  try {
    store?.setItem(KEY, JSON.stringify({ ...readPreferences(store), ...changes }));
  } catch {
    // Storage is full or forbidden: the page works without a memory.
  }
}

/** Access to storage itself throws where the person forbids it. */
function storage(): Store | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function tidy(value: Record<string, unknown>): Preferences {
  const { name, theme, singleKeys } = value;
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(theme === 'light' || theme === 'dark' ? { theme } : {}),
    ...(typeof singleKeys === 'boolean' ? { singleKeys } : {}),
    ...device('microphone', value),
    ...device('camera', value),
    ...device('speaker', value),
  };
}

function device(key: string, value: Record<string, unknown>): Record<string, RememberedDevice> {
  const entry = value[key];
  if (!isRecord(entry) || typeof entry['id'] !== 'string' || typeof entry['label'] !== 'string') return {};
  return { [key]: { id: entry['id'], label: entry['label'] } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
