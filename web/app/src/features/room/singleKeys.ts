import { readPreferences, writePreferences } from '../../session/preferences';
import { Store } from '../../ui/store';

/** Whether single keys do something in the room. They can be turned off, for people whose hands or voices hit keys. */
export const singleKeys = new Store(readPreferences().singleKeys ?? true);

/** Turns them on or off for good. */
export function setSingleKeys(on: boolean): void {
  singleKeys.set(on);
  writePreferences({ singleKeys: on });
}
