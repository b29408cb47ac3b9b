import { describe, expect, it, vi } from 'vitest';

import { INITIAL, reduce, type State } from '../src/state/reduce';
import { Store } from '../src/state/store';
import type { Action } from '../src/state/actions';
import type { Connected } from '../src/wire/events';
import { stream } from './fakes/media';

const MICROPHONE = { type: 'microphone', paused: false } as const;
const CAMERA = { type: 'camera', paused: false } as const;

describe('the state', () => {
  it('keeps the identity of everything that an event does not touch', () => {
    const before = after(joined({ b: { b1: MICROPHONE }, c: { c1: MICROPHONE } }));
    const next = reduce(before, { type: 'voiceActivity', trackId: 'c1', speaking: true });
    expect(next.snapshot).not.toBe(before.snapshot);
    expect(next.snapshot.peers[0]).toBe(before.snapshot.peers[0]);
    expect(next.snapshot.localTracks).toBe(before.snapshot.localTracks);
    expect(next.snapshot.peers[1]?.tracks[0]?.speaking).toBe(true);
    expect(before.snapshot.peers[1]?.tracks[0]?.speaking).toBe(false);
  });

  it.each<[string, Action]>([
    ['a voice that is as before', { type: 'voiceActivity', trackId: 'b1', speaking: false }],
    ['metadata that is as before', { type: 'endpointUpdated', endpoint: endpoint('b') }],
    ['a peer that is there', { type: 'endpointAdded', endpoint: endpoint('b') }],
    ['the own entry', { type: 'endpointAdded', endpoint: endpoint('me') }],
    ['a track that is there', { type: 'tracksAdded', endpointId: 'b', tracks: [{ id: 'b1', metadata: MICROPHONE }] }],
    ['a track of an unknown peer', { type: 'tracksAdded', endpointId: 'x', tracks: [{ id: 'x1', metadata: null }] }],
    ['an unknown track that goes', { type: 'tracksRemoved', endpointId: 'b', trackIds: ['b9'] }],
    ['an unknown track that changes', { type: 'trackUpdated', endpointId: 'b', trackId: 'b9', metadata: CAMERA }],
    ['an unknown voice', { type: 'voiceActivity', trackId: 'b9', speaking: true }],
    ['an unknown peer that goes', { type: 'endpointRemoved', endpointId: 'x' }],
    ['the same room again', joined({ b: { b1: MICROPHONE } })],
  ])('is the same object after %s', (_, action) => {
    const before = after(joined({ b: { b1: MICROPHONE } }));
    expect(reduce(before, action)).toBe(before);
  });

  it('lists peers by order of appearance and never reuses a number', () => {
    const state = after(
      joined({ b: {} }),
      { type: 'endpointAdded', endpoint: endpoint('a') },
      { type: 'endpointRemoved', endpointId: 'a' },
      { type: 'endpointAdded', endpoint: endpoint('a') },
    );
    expect(state.snapshot.peers.map(({ id, joinedOrder }) => [id, joinedOrder])).toEqual([
      ['b', 0],
      ['a', 2],
    ]);
  });

  it('takes the kind from the type until the media tells', () => {
    const media = new Map([['b2', { kind: 'audio', stream: stream([]) }] as const]);
    const state = after(joined({ b: { b1: MICROPHONE, b2: null } }));
    expect(kinds(state)).toEqual(['audio', 'video']);
    expect(kinds(reduce(state, { type: 'remoteMedia', media }))).toEqual(['audio', 'audio']);
  });

  it('removes the tracks of a peer and then the peer', () => {
    const state = after(joined({ b: { b1: MICROPHONE, b2: CAMERA } }), {
      type: 'tracksRemoved',
      endpointId: 'b',
      trackIds: ['b1'],
    });
    expect(state.snapshot.peers[0]?.tracks.map(({ id }) => id)).toEqual(['b2']);
    expect(reduce(state, { type: 'endpointRemoved', endpointId: 'b' }).snapshot.peers).toEqual([]);
  });

  it('shows changed metadata of peers and tracks', () => {
    const state = after(
      joined({ b: { b1: MICROPHONE } }),
      { type: 'endpointUpdated', endpoint: { ...endpoint('b'), metadata: { hand: true } } },
      { type: 'trackUpdated', endpointId: 'b', trackId: 'b1', metadata: { ...MICROPHONE, paused: true } },
    );
    expect(state.snapshot.peers[0]).toMatchObject({
      metadata: { hand: true },
      tracks: [{ metadata: { type: 'microphone', paused: true } }],
    });
  });

  it('keeps peers, streams and order over a reconnection, and drops who is gone', () => {
    const picture = stream([]);
    const before = after(
      joined({ a: { a1: CAMERA }, b: { b1: CAMERA } }),
      { type: 'remoteMedia', media: new Map([['b1', { kind: 'video', stream: picture }] as const]) },
      { type: 'connectionLost' },
    );
    expect(before.snapshot.status).toBe('reconnecting');
    expect(before.snapshot.peers).toHaveLength(2);
    const back = reduce(before, joined({ 0: {}, b: { b1: CAMERA } }));
    expect(back.snapshot.status).toBe('connected');
    expect(back.snapshot.peers.map(({ id }) => id)).toEqual(['b', '0']);
    expect(back.snapshot.peers[0]).toBe(before.snapshot.peers[1]);
    expect(back.snapshot.peers[0]?.tracks[0]?.stream).toBe(picture);
  });
});

describe('the store', () => {
  it('tells its listeners about changes only', () => {
    const store = new Store();
    const listener = vi.fn();
    const stop = store.subscribe(listener);
    store.dispatch(joined({ b: { b1: MICROPHONE } }));
    store.dispatch({ type: 'voiceActivity', trackId: 'b1', speaking: false });
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    store.dispatch({ type: 'voiceActivity', trackId: 'b1', speaking: true });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('says when it is observed', () => {
    const observed = vi.fn();
    const store = new Store(observed);
    const stop = [store.subscribe(() => undefined), store.subscribe(() => undefined)];
    for (const unsubscribe of stop) {
      unsubscribe();
      unsubscribe();
    }
    expect(observed.mock.calls).toEqual([[true], [false]]);
  });
});

function after(...actions: readonly Action[]): State {
  return actions.reduce(reduce, INITIAL);
}

function endpoint(id: string) {
  return { id, metadata: { name: id }, serverMetadata: null };
}

function joined(others: Record<string, Record<string, typeof MICROPHONE | typeof CAMERA | null>>): Connected {
  const all: typeof others = { me: {}, ...others };
  const endpoints = Object.entries(all).map(([id, tracks]) => ({
    ...endpoint(id),
    tracks: Object.entries(tracks).map(([trackId, metadata]) => ({ id: trackId, metadata })),
  }));
  return { type: 'connected', peerId: 'me', iceServers: [], endpoints };
}

function kinds(state: State): readonly string[] {
  return state.snapshot.peers.flatMap(({ tracks }) => tracks.map(({ kind }) => kind));
}
