import * as Tooltip from '@radix-ui/react-tooltip';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { RoomSession } from '../../call/roomSession';
import { Devices } from '../../devices/devices';
import { Store } from '../../ui/store';
import { PreJoin } from './PreJoin';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** Pre-join of a browser without devices and of a server that does not answer. */
function show() {
  vi.stubGlobal('fetch', () => new Promise(() => undefined));
  const devices = new Devices({
    edges: {
      mediaDevices: null,
      secure: true,
      canChooseSpeaker: false,
      permission: () => Promise.resolve('prompt'),
      watchPermission: () => () => undefined,
    },
    remembered: {},
    remember: vi.fn(),
    onEvent: vi.fn(),
  });
  const join = vi.fn();
  const link = new Store({ url: 'https://h/room/daily', inNetwork: false });
  const session = { room: 'daily', link, devices, initialName: '', join } as unknown as RoomSession;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Tooltip.Provider>
        <PreJoin session={session} joining={false} />
      </Tooltip.Provider>
    </QueryClientProvider>,
  );
  return { join, field: screen.getByRole<HTMLInputElement>('textbox', { name: 'Your name' }) };
}

it.each([
  ['no name', ''],
  ['a name that nobody can see', '\u202E\u200B'],
])('says at the field that there is %s, and stays', (_, name) => {
  const { join, field } = show();
  const submit = screen.getByRole('button', { name: 'Join' });
  field.value = name;
  fireEvent.click(submit);
  expect(screen.getByRole('alert').textContent).toBe('Type your name, so that others know who you are.');
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(document.activeElement).toBe(field);
  expect(join).not.toHaveBeenCalled();
  field.value = 'Ana';
  fireEvent.click(submit);
  expect(join).toHaveBeenCalledExactlyOnceWith('Ana');
});
