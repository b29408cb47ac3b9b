import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '../call/people';
import { Failed } from './ended/Failed';
import { Home } from './home/Home';
import { ShareTile } from './room/ShareTile';
import { Tile } from './room/Tile';

afterEach(cleanup);

/** All `data-` attributes. */
const data = (element: HTMLElement) => Object.fromEntries(Object.entries(element.dataset));

const rect = { x: 0, y: 0, width: 320, height: 180 };

describe('home', () => {
  beforeEach(() => window.history.replaceState(null, '', '/'));

  const field = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Room name' });
  const go = () => fireEvent.click(screen.getByRole('button', { name: 'Continue' }));

  it('suggests a room and goes there', () => {
    render(<Home />);
    expect(field().value).toMatch(/^[a-z]+-[a-z]+-[a-z]+$/);
    fireEvent.click(screen.getByRole('button', { name: 'Suggest another name' }));
    const { value } = field();
    go();
    expect(window.location.pathname).toBe(`/room/${value}`);
  });

  it('says what is wrong with a name, at the field, and stays', () => {
    render(<Home />);
    field().value = 'what?';
    go();
    expect(screen.getByRole('alert').textContent).toBe('Use letters, digits, spaces, dashes, dots and underscores.');
    expect(field().getAttribute('aria-invalid')).toBe('true');
    expect(window.location.pathname).toBe('/');
    field().value = 'Café 7';
    go();
    expect(window.location.pathname).toBe('/room/Caf%C3%A9%207');
  });
});

describe('failed', () => {
  const failure = { code: 'room_full', message: 'the room is full', status: 409, at: 0 };

  it('says what happened, and the first button is the cure', () => {
    const onCure = vi.fn();
    render(<Failed failure={failure} room="daily" onCure={onCure} />);
    const main = within(screen.getByRole('main'));
    expect(main.getByRole('heading').textContent).toBe('This room is full');
    expect(document.activeElement).toBe(main.getByRole('heading'));
    const [first] = main.getAllByRole('button');
    fireEvent.click(first ?? expect.fail('no button'));
    expect(onCure).toHaveBeenCalledWith('rejoin');
  });

  it('shows details on request', () => {
    render(<Failed failure={failure} room="daily" onCure={vi.fn()} />);
    expect(screen.queryByText(/code: room_full/)).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Show details' }));
    expect(screen.getByText(/code: room_full/).textContent).toContain('status: 409');
  });
});

describe('tiles', () => {
  const ana: Person = {
    id: 'person-1',
    peerId: 'peer-1',
    name: 'Ana',
    self: false,
    audio: true,
    video: true,
    speaking: true,
    stream: null,
    shares: [],
    sounds: [],
    silent: false,
    weak: null,
    away: false,
  };
  const show = (person: Partial<Person>) => render(<Tile person={{ ...ana, ...person }} rect={rect} />);

  it('carries state as attributes', () => {
    show({});
    expect(data(screen.getByRole('group'))).toEqual({
      peerId: 'peer-1',
      personId: 'person-1',
      peerName: 'Ana',
      self: 'false',
      audio: 'on',
      video: 'on',
      speaking: 'true',
    });
  });

  it.each([
    ['others', {}, 'Ana', 'Ana', true],
    ['muted', { audio: false, video: false }, 'Ana, microphone off, camera off', 'Ana', false],
    ['oneself', { self: true }, 'Ana (you)', 'You', true],
    ['on a weak line', { weak: 'unsteady' as const }, 'Ana, unsteady connection', 'unsteady connection', true],
    ['away', { away: true, video: false }, 'Ana, reconnecting', 'Ana', false],
    ['away and muted', { away: true, audio: false, video: false }, 'Ana, reconnecting, microphone off', 'Ana', false],
  ])('%s', (_, person, name, label, video) => {
    show(person);
    const tile = screen.getByRole('group', { name });
    expect(within(tile).getByText(label)).toBeTruthy();
    expect(tile.querySelector('video') !== null).toBe(video);
  });

  it('is pinned by a press, and says so', () => {
    const onPin = vi.fn();
    const { rerender } = render(<Tile person={ana} rect={rect} onPin={onPin} />);
    const button = () => screen.getByRole('button', { name: 'Pin Ana' });
    expect(button().getAttribute('aria-pressed')).toBe('false');
    fireEvent.click(button());
    expect(onPin).toHaveBeenCalledWith('person-1');
    rerender(<Tile person={ana} rect={rect} pinned onPin={onPin} />);
    expect(button().getAttribute('aria-pressed')).toBe('true');
    expect(document.activeElement).toBe(button());
    rerender(<Tile person={ana} rect={null} pinned onPin={onPin} />);
    expect(screen.queryByRole('button', { hidden: true }), 'nothing to press on another page').toBeNull();
  });

  it('mirrors only the own picture', () => {
    show({ self: true });
    expect(document.querySelector('video')?.className).toContain('-scale-x-100');
    cleanup();
    show({});
    expect(document.querySelector('video')?.className).not.toContain('-scale-x-100');
  });

  it('plays in its place and silently, as iPhones demand of video that begins by itself', () => {
    show({ stream: new MediaStream() });
    const video = document.querySelector('video') ?? expect.fail('no video');
    expect(['autoplay', 'playsinline', 'muted'].filter((name) => video.hasAttribute(name))).toHaveLength(3);
    expect(video.muted).toBe(true);
  });

  it('shows the back camera as it is', () => {
    show({ self: true, unmirrored: true });
    expect(document.querySelector('video')?.className).not.toContain('-scale-x-100');
  });

  it('a share is no participant', () => {
    render(<ShareTile person={ana} share={{ trackId: 't', stream: null }} rect={rect} />);
    expect(data(screen.getByRole('group', { name: 'Ana is sharing' }))).toEqual({ shareOf: 'person-1' });
    expect(document.querySelector('video')).toBeNull();
  });

  it('a share is shown whole and not mirrored', () => {
    render(<ShareTile person={ana} share={{ trackId: 't', stream: new MediaStream() }} rect={rect} />);
    const { className } = document.querySelector('video') ?? expect.fail('no video');
    expect(className).toContain('object-contain');
    expect(className).not.toContain('-scale-x-100');
  });

  it('a small share can be made large', () => {
    const onEnlarge = vi.fn();
    render(<ShareTile person={ana} share={{ trackId: 't', stream: null }} rect={rect} onEnlarge={onEnlarge} />);
    fireEvent.click(screen.getByRole('button', { name: 'Ana is sharing: show it large' }));
    expect(onEnlarge).toHaveBeenCalledOnce();
  });
});
