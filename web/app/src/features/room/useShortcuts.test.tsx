import { act, cleanup, fireEvent, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Devices } from '../../devices/devices';
import { setSingleKeys } from './singleKeys';
import { useShortcuts } from './useShortcuts';

beforeEach(() => setSingleKeys(true));
afterEach(cleanup);

function listen(microphoneOn: boolean) {
  const track = { muted: false };
  const microphone = { wanted: microphoneOn, asking: false, track, problem: null };
  const setOn = vi.fn().mockResolvedValue(undefined);
  const help = vi.fn();
  const devices = { get: () => ({ microphone }), setOn } as unknown as Devices;
  const { unmount } = renderHook(() => useShortcuts(devices, { help }));
  return { setOn, help, unmount };
}

it('runs what can be done here', () => {
  const { help } = listen(true);
  fireEvent.keyDown(document.body, { key: '?' });
  fireEvent.keyDown(document.body, { key: 'd' });
  expect(help).toHaveBeenCalledOnce();
});

it('lets somebody who is muted speak while the space bar is down', () => {
  const { setOn } = listen(false);
  fireEvent.keyDown(document.body, { key: ' ' });
  fireEvent.keyDown(document.body, { key: ' ', repeat: true });
  expect(setOn.mock.calls).toEqual([['microphone', true]]);
  fireEvent.keyUp(document.body, { key: ' ' });
  fireEvent.keyUp(document.body, { key: ' ' });
  expect(setOn.mock.calls).toEqual([
    ['microphone', true],
    ['microphone', false],
  ]);
});

it('mutes again when the window or the room is left with the key down', () => {
  for (const leave of ['window', 'room']) {
    const { setOn, unmount } = listen(false);
    fireEvent.keyDown(document.body, { key: ' ' });
    if (leave === 'window') fireEvent.blur(window);
    else unmount();
    expect(setOn).toHaveBeenLastCalledWith('microphone', false);
    cleanup();
  }
});

it('leaves somebody who speaks alone', () => {
  const { setOn } = listen(true);
  fireEvent.keyDown(document.body, { key: ' ' });
  fireEvent.keyUp(document.body, { key: ' ' });
  expect(setOn).not.toHaveBeenCalled();
});

it('does nothing when single keys are turned off', () => {
  const { help, setOn } = listen(false);
  act(() => setSingleKeys(false));
  fireEvent.keyDown(document.body, { key: '?' });
  fireEvent.keyDown(document.body, { key: ' ' });
  expect(help).not.toHaveBeenCalled();
  expect(setOn).not.toHaveBeenCalled();
});
