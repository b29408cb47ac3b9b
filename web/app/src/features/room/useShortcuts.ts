import { useEffect, useRef } from 'react';
import type { Devices } from '../../devices/devices';
import { isOn } from '../../devices/state';
import type { Shortcut } from '../../ui/RoundButton';
import { useStore } from '../../ui/store';
import { singleKeys } from './singleKeys';
import { isTalkKey, shortcutLabel, shortcutOf, TALK_KEY, type ShortcutAction } from './shortcuts';

/** What the keys do; an action that is missing cannot be done here. */
export type ShortcutRuns = Partial<Record<ShortcutAction, () => void>>;

/** Listens to the keys of the room, and to the space bar of somebody who is muted. */
export function useShortcuts(devices: Devices, runs: ShortcutRuns): void {
  const enabled = useStore(singleKeys);
  const latest = useRef(runs);
  useEffect(() => {
    latest.current = runs;
  });
  useEffect(() => {
    if (!enabled) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      const action = shortcutOf(event);
      const run = action && latest.current[action];
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKeyDown);
    const stopTalking = talkWhileHeld(devices);
    return () => {
      window.removeEventListener('keydown', onKeyDown);
      stopTalking();
    };
  }, [enabled, devices]);
}

/** The key of an action, for its button; undefined while single keys do nothing. */
export function useShortcutLabels(): (action: ShortcutAction) => Shortcut | undefined {
  const enabled = useStore(singleKeys);
  return (action) => (enabled ? shortcutLabel(action) : undefined);
}

/** Turns the microphone on as long as the space bar is held down. Returns how to stop that. */
function talkWhileHeld(devices: Devices): () => void {
  let talking = false;
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isTalkKey(event)) return;
    // Else the page scrolls.
    event.preventDefault();
    if (event.repeat || talking || isOn(devices.get().microphone)) return;
    talking = true;
    void devices.setOn('microphone', true);
  };
  const release = () => {
    if (!talking) return;
    talking = false;
    void devices.setOn('microphone', false);
  };
  const onKeyUp = (event: KeyboardEvent) => {
    if (event.key === TALK_KEY) release();
  };
  window.addEventListener('keydown', onKeyDown);
  window.addEventListener('keyup', onKeyUp);
  // The key comes up elsewhere then, and nobody may be left unmuted by that.
  window.addEventListener('blur', release);
  return () => {
    release();
    window.removeEventListener('keydown', onKeyDown);
    window.removeEventListener('keyup', onKeyUp);
    window.removeEventListener('blur', release);
  };
}
