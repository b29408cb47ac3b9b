import { describe, expect, it } from 'vitest';

import { ClientError } from '../src';
import { settle } from './fakes/clock';
import { track } from './fakes/media';
import { FakeRoom } from './fakes/room';

const CAMERA = { type: 'camera', paused: false } as const;
const MICROPHONE = { type: 'microphone', paused: false } as const;

describe('publishing', () => {
  it('asks for a cycle, offers a sending line and is published by the answer', async () => {
    const room = new FakeRoom();
    await room.joins('me');
    const camera = track('video');
    const id = room.client.publish(camera, { metadata: CAMERA, maxBitrate: 600_000, maxFramerate: 24 });
    expect(room.snapshot.localTracks).toEqual([{ id, kind: 'video', metadata: CAMERA, published: false }]);
    expect(room.socket.said.at(-1)).toBe('renegotiateTracks');

    const offer = await room.asksForOffer();
    const trackId = Object.values(offer['midToTrackId'] as Record<string, string>)[0] ?? '';
    expect(trackId).toMatch(/^me:/);
    expect(offer).toEqual({
      sdp: 'video sendonly',
      midToTrackId: { 0: trackId },
      trackIdToMetadataJson: { [trackId]: JSON.stringify(CAMERA) },
      trackIdToBitrates: { [trackId]: { trackId, variantBitrates: [{ bitrate: 600_000 }] } },
    });
    const [line] = room.connection.transceivers;
    expect(line?.sender.track).toBe(camera);
    expect(line?.sender.parameters.encodings).toEqual([{ maxBitrate: 600_000, maxFramerate: 24 }]);

    await room.answers({ 0: trackId });
    expect(room.snapshot.localTracks[0]?.published).toBe(true);
  });

  it('publishes what was published before it was in the room', async () => {
    const room = new FakeRoom();
    room.client.publish(track('audio'), { metadata: MICROPHONE });
    await room.joins();
    expect(room.socket.said.at(-1)).toBe('renegotiateTracks');
    await room.negotiates();
    expect(room.snapshot.localTracks[0]?.published).toBe(true);
  });

  it('shares one cycle among several tracks', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.client.publish(track('audio'), { metadata: MICROPHONE });
    room.client.publish(track('video'), { metadata: CAMERA });
    const offer = await room.negotiates();
    expect(offer['sdp']).toBe('audio sendonly, video sendonly');
    expect(room.socket.events('renegotiateTracks')).toHaveLength(1);
    expect(room.snapshot.localTracks.map(({ published }) => published)).toEqual([true, true]);
  });

  it('sends in one stream what is to be played in step', async () => {
    const room = new FakeRoom();
    await room.joins();
    for (const type of [
      'microphone',
      'camera',
      'screenShareVideo',
      'screenShareAudio',
      'customVideo',
      'customVideo',
    ] as const) {
      room.client.publish(track(type === 'microphone' || type === 'screenShareAudio' ? 'audio' : 'video'), {
        metadata: { type, paused: false },
      });
    }
    await room.negotiates();
    const streams = room.connection.transceivers.map((line) => line.streams[0]);
    const distinct = [...new Set(streams)];
    expect(streams.map((stream) => distinct.indexOf(stream))).toEqual([0, 0, 1, 1, 2, 3]);
    expect(distinct).not.toContain(undefined);
  });

  it('lets a track that comes during a cycle wait for its end', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.client.publish(track('audio'), { metadata: MICROPHONE });
    const offer = await room.asksForOffer();
    room.client.publish(track('video'), { metadata: CAMERA });
    room.client.publish(track('video'), { metadata: { type: 'screenShareVideo', paused: false } });
    expect(room.socket.events('renegotiateTracks')).toHaveLength(1);
    await room.answers(offer['midToTrackId'] as Record<string, string>);
    expect(room.socket.events('renegotiateTracks')).toHaveLength(2);
    expect((await room.negotiates())['sdp']).toBe('audio sendonly, video sendonly, video sendonly');
    expect(room.socket.events('renegotiateTracks')).toHaveLength(2);
  });

  it('uses the cycle of the server when requests cross', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.client.publish(track('audio'), { metadata: MICROPHONE });
    await room.negotiates(1, 1);
    await room.negotiates(1, 1);
    expect(room.socket.events('sdpOffer')).toHaveLength(2);
    expect(room.socket.events('renegotiateTracks')).toHaveLength(1);
    expect(room.connection.transceivers).toHaveLength(3);
  });

  it('knows that a track was refused', async () => {
    const room = new FakeRoom();
    await room.joins();
    const id = room.client.publish(track('video'), { metadata: CAMERA });
    const offer = await room.asksForOffer();
    const [trackId] = Object.values(offer['midToTrackId'] as Record<string, string>);
    room.says('refused', { code: 'track_limit', message: 'No more tracks.', trackId: trackId ?? '' });
    await room.answers({});
    expect(room.snapshot.localTracks[0]?.published).toBe(false);
    expect(room.notices).toEqual([{ code: 'refused', message: 'No more tracks.', trackId: id }]);
  });

  it('withdraws a track: media at once, its line in the next cycle', async () => {
    const room = new FakeRoom();
    await room.joins();
    const id = room.client.publish(track('video'), { metadata: CAMERA });
    await room.negotiates();
    await room.client.unpublish(id);
    await room.client.unpublish(id);
    expect(room.connection.transceivers[0]?.sender.track).toBeNull();
    expect(room.snapshot.localTracks).toEqual([]);
    expect(room.socket.events('renegotiateTracks')).toHaveLength(2);
    expect(await room.negotiates()).toEqual({ sdp: 'video inactive' });
    // The line of a track that is gone is not used for another one.
    room.client.publish(track('video'), { metadata: CAMERA });
    expect((await room.negotiates())['sdp']).toBe('video inactive, video sendonly');
  });

  it('never offers without a line', async () => {
    const room = new FakeRoom();
    await room.joins();
    const id = room.client.publish(track('video'), { metadata: CAMERA });
    await room.client.unpublish(id);
    expect((await room.negotiates())['sdp']).toBe('audio recvonly');
    expect((await room.negotiates(1, 0))['sdp']).toBe('audio recvonly');
  });

  it('mutes and unmutes without a cycle', async () => {
    const room = new FakeRoom();
    await room.joins();
    const microphone = track('audio');
    const id = room.client.publish(microphone, { metadata: MICROPHONE });
    await room.negotiates();
    const sender = room.connection.transceivers[0]?.sender;
    const before = room.socket.said.length;

    await room.client.setPaused(id, true);
    expect(sender?.track).toBeNull();
    expect(room.snapshot.localTracks[0]?.metadata).toEqual({ ...MICROPHONE, paused: true });
    await room.client.setPaused(id, false);
    expect(sender?.track).toBe(microphone);
    const other = track('audio');
    await room.client.setPaused(id, true);
    await room.client.setPaused(id, false, other);
    expect(sender?.track).toBe(other);
    const unmuting = ['unmuteTrack', 'updateTrackMetadata'];
    expect(room.socket.said.slice(before)).toEqual([
      'updateTrackMetadata',
      ...unmuting,
      'updateTrackMetadata',
      ...unmuting,
    ]);
    expect(room.socket.events('updateTrackMetadata').map(({ metadataJson }) => metadataJson)).toEqual(
      [true, false, true, false].map((paused) => JSON.stringify({ ...MICROPHONE, paused })),
    );
  });

  it('publishes a muted track without media', async () => {
    const room = new FakeRoom();
    await room.joins();
    const microphone = track('audio');
    const id = room.client.publish(microphone, { metadata: { ...MICROPHONE, paused: true } });
    await room.negotiates();
    expect(room.connection.transceivers[0]?.sender.track).toBeNull();
    // A device that is chosen while muted is not heard.
    const other = track('audio');
    await room.client.replace(id, other);
    expect(room.connection.transceivers[0]?.sender.track).toBeNull();
    await room.client.setPaused(id, false);
    expect(room.connection.transceivers[0]?.sender.track).toBe(other);
  });

  it('replaces media without a cycle and refuses the other kind', async () => {
    const room = new FakeRoom();
    await room.joins();
    const id = room.client.publish(track('video'), { metadata: CAMERA });
    await room.negotiates();
    const other = track('video');
    await room.client.replace(id, other);
    expect(room.connection.transceivers[0]?.sender.track).toBe(other);
    await room.client.replace(id, null);
    expect(room.connection.transceivers[0]?.sender.track).toBeNull();
    await expect(room.client.replace(id, track('audio'))).rejects.toBeInstanceOf(ClientError);
    await room.client.replace('unknown', other);
    expect(room.socket.events('renegotiateTracks')).toHaveLength(1);
  });

  it('limits the encoding and lifts the limits again', async () => {
    const room = new FakeRoom();
    await room.joins();
    const id = room.client.publish(track('video'), { metadata: CAMERA, maxBitrate: 600_000 });
    await room.negotiates();
    const sender = room.connection.transceivers[0]?.sender;
    await room.client.setEncoding(id, { maxFramerate: 15, scaleResolutionDownBy: 2 });
    expect(sender?.parameters.encodings).toEqual([{ maxFramerate: 15, scaleResolutionDownBy: 2 }]);
    await room.client.setEncoding(id, {});
    expect(sender?.parameters.encodings).toEqual([{}]);
  });

  it('offers the newest metadata, also when it changes while the offer is made', async () => {
    const room = new FakeRoom();
    await room.joins();
    const id = room.client.publish(track('video'), { metadata: CAMERA });
    room.says('offerData', { tracksTypes: {} });
    room.client.updateTrackMetadata(id, { ...CAMERA, title: 'new' });
    await settle();
    const offer = room.socket.events('sdpOffer')[0];
    expect(Object.values(offer?.['trackIdToMetadataJson'] as object)).toEqual([
      JSON.stringify({ ...CAMERA, title: 'new' }),
    ]);
  });

  it('refuses track metadata that is too large', async () => {
    const room = new FakeRoom();
    await room.joins();
    const metadata = { ...CAMERA, note: 'ä'.repeat(40_000) };
    expect(() => room.client.publish(track('video'), { metadata })).toThrow(ClientError);
    const id = room.client.publish(track('video'), { metadata: CAMERA });
    expect(() => room.client.updateTrackMetadata(id, metadata)).toThrow(ClientError);
    expect(room.snapshot.localTracks.map((local) => local.metadata)).toEqual([CAMERA]);
  });

  it('does nothing any more after it was closed', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.client.close();
    const id = room.client.publish(track('video'), { metadata: CAMERA });
    await room.client.setPaused(id, true);
    expect(room.snapshot.localTracks).toEqual([]);
    expect(await room.client.getStats()).toBeNull();
  });
});

describe('the own voice', () => {
  it('is heard while somebody listens and the microphone is on', async () => {
    const { room, id, sender } = await withMicrophone();
    sender.level = 0.2;
    await room.clock.advance(1_000);
    expect(room.snapshot.localSpeaking).toBe(false);

    const stop = room.client.subscribe(() => undefined);
    await room.clock.advance(250);
    expect(room.snapshot.localSpeaking).toBe(true);
    sender.level = 0.001;
    await room.clock.advance(400);
    expect(room.snapshot.localSpeaking).toBe(true);
    await room.clock.advance(400);
    expect(room.snapshot.localSpeaking).toBe(false);

    sender.level = 0.2;
    await room.clock.advance(250);
    expect(room.snapshot.localSpeaking).toBe(true);
    await room.client.setPaused(id, true);
    await room.clock.advance(250);
    expect(room.snapshot.localSpeaking).toBe(false);
    stop();
  });

  it('is measured where statistics do not tell, and only as long as needed', async () => {
    const { room, id, sender } = await withMicrophone();
    sender.level = undefined;
    room.loudness = 0.2;
    const stop = room.client.subscribe(() => undefined);
    await room.clock.advance(250);
    expect(room.snapshot.localSpeaking).toBe(true);
    expect(room.metersClosed).toBe(0);
    await room.client.setPaused(id, true);
    await room.clock.advance(250);
    expect(room.snapshot.localSpeaking).toBe(false);
    expect(room.metersClosed).toBe(1);
    stop();
    expect(room.metersClosed).toBe(2);
  });
});

/** A room in which a microphone is sent. */
async function withMicrophone() {
  const room = new FakeRoom();
  await room.joins();
  const id = room.client.publish(track('audio'), { metadata: MICROPHONE });
  await room.negotiates();
  const sender = room.connection.transceivers[0]?.sender;
  if (sender === undefined) throw new Error('nothing is sent');
  return { room, id, sender };
}

describe('one screen share after the other', () => {
  const SCREEN = { type: 'screenShareVideo', paused: false } as const;

  async function share(room: FakeRoom, maxBitrate: number): Promise<readonly string[]> {
    const id = room.client.publish(track('video'), { metadata: SCREEN, maxBitrate });
    const offer = await room.negotiates();
    expect(room.snapshot.localTracks).toMatchObject([{ id, published: true }]);
    await room.client.unpublish(id);
    await room.negotiates();
    return Object.values(offer['midToTrackId'] as Record<string, string>);
  }

  it('uses the same line', async () => {
    const room = new FakeRoom();
    room.session = 'one';
    await room.joins();
    const ids = new Set<string>();
    for (let n = 1; n <= 30; n++) for (const id of await share(room, n * 1_000)) ids.add(id);
    expect(ids.size).toBe(30);
    expect(room.connection.transceivers).toHaveLength(1);
    const [line] = room.connection.transceivers;
    expect(line).toMatchObject({ direction: 'inactive', sender: { track: null, streamsSet: 29 } });
    expect(line?.sender.parameters.encodings).toEqual([{ maxBitrate: 30_000 }]);
  });

  it('uses another line when the kind is another, or the first one is busy', async () => {
    const room = new FakeRoom();
    room.session = 'one';
    await room.joins();
    await share(room, 1_000);
    room.client.publish(track('audio'), { metadata: { type: 'screenShareAudio', paused: false } });
    room.client.publish(track('video'), { metadata: SCREEN });
    room.client.publish(track('video'), { metadata: SCREEN });
    await room.negotiates();
    const lines = room.connection.transceivers.map(({ receiver, direction }) => [receiver.track.kind, direction]);
    expect(lines).toEqual([
      ['video', 'sendonly'],
      ['audio', 'sendonly'],
      ['video', 'sendonly'],
    ]);
  });

  it('uses a line again only when the server knows that it is free', async () => {
    const room = new FakeRoom();
    room.session = 'one';
    await room.joins();
    const first = room.client.publish(track('video'), { metadata: SCREEN });
    await room.negotiates();
    await room.client.unpublish(first);
    room.client.publish(track('video'), { metadata: SCREEN });
    await room.negotiates();
    expect(room.connection.transceivers.map(({ direction }) => direction)).toEqual(['inactive', 'sendonly']);
  });

  it('uses new lines on published servers, which expect nothing else', async () => {
    const room = new FakeRoom();
    await room.joins();
    for (let n = 1; n <= 3; n++) await share(room, 1_000);
    expect(room.connection.transceivers).toHaveLength(3);
  });

  it('takes along what is muted meanwhile', async () => {
    const room = new FakeRoom();
    room.session = 'one';
    await room.joins();
    await share(room, 1_000);
    const id = room.client.publish(track('video'), { metadata: SCREEN });
    room.says('offerData', { tracksTypes: { audio: 0, video: 0 } });
    await room.client.setPaused(id, true);
    await settle();
    expect(room.connection.transceivers[0]?.sender.track).toBeNull();
  });
});
