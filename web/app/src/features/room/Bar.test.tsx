import * as Tooltip from '@radix-ui/react-tooltip';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Person } from '../../call/people';
import type { RoomSession } from '../../call/roomSession';
import { Devices } from '../../devices/devices';
import { Screen } from '../../screen/screen';
import { Store } from '../../ui/store';
import { Bar } from './Bar';

afterEach(cleanup);

const person = (name: string, more: Partial<Person> = {}): Person => ({
  id: name,
  peerId: name,
  name,
  self: false,
  audio: true,
  video: true,
  speaking: false,
  stream: null,
  shares: [],
  sounds: [],
  silent: false,
  weak: null,
  away: false,
  ...more,
});
const people = [person('Ana', { self: true }), person('Ben', { audio: false })];

const onPeople = vi.fn();
const onHelp = vi.fn();

function show(wide: boolean) {
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
  const ownScreen = new Screen({ edges: { getDisplayMedia: null, filtersOwnSound: false }, onProblem: vi.fn() });
  const link = new Store({ url: 'https://h/room/daily', inNetwork: false });
  const session = { room: 'daily', link, devices, screen: ownScreen, leave: vi.fn() } as unknown as RoomSession;
  render(
    <Tooltip.Provider>
      <Bar
        session={session}
        people={people}
        since={0}
        wide={wide}
        peopleOpen={false}
        onPeople={onPeople}
        fullScreen={false}
        onHelp={onHelp}
      />
    </Tooltip.Provider>,
  );
}

const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));
const rows = (list: HTMLElement) => within(list).getAllByRole('listitem');

it('has the people in the bar where there is place', () => {
  show(true);
  press('2 people');
  expect(onPeople).toHaveBeenCalledOnce();
});

it('on phones has them behind "More"', () => {
  show(false);
  expect(screen.queryByRole('button', { name: '2 people' })).toBeNull();
  press('More');
  const more = within(screen.getByRole('dialog', { name: 'More' }));
  const fold = more.getByRole('button', { name: '2 people' });
  expect(fold.getAttribute('aria-expanded')).toBe('false');
  fireEvent.click(fold);
  expect(fold.getAttribute('aria-expanded')).toBe('true');
  const list = more.getByRole('list', { name: 'In the room' });
  expect(list.id).toBe(fold.getAttribute('aria-controls'));
  expect(rows(list).map((row) => within(row).getByText(/Ana|Ben/).textContent)).toEqual(['Ana (you)', 'Ben']);
  expect(within(list).getByRole('img', { name: 'Microphone off' })).toBeTruthy();
  fireEvent.click(fold);
  expect(more.queryByRole('list', { name: 'In the room' })).toBeNull();
});

it('has them in one place only', () => {
  show(true);
  press('More');
  const more = screen.getByRole('dialog', { name: 'More' });
  expect(within(more).queryByRole('button', { name: '2 people' })).toBeNull();
});
