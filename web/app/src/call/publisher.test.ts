import { beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_DEVICES_YET, type DevicesState, type KindState } from '../devices/state';
import { Publisher, type PublishingClient } from './publisher';

const track = (id: string) => ({ id, getSettings: () => ({ width: 640, height: 360 }) }) as MediaStreamTrack;
const mic = track('mic');
const cam = track('cam');
const off: KindState = { wanted: false, asking: false, track: null, problem: null };
const on = (media: MediaStreamTrack): KindState => ({ ...off, wanted: true, track: media });
const devices = (microphone: KindState, camera: KindState): DevicesState => ({ ...NO_DEVICES_YET, microphone, camera });

describe('Publisher', () => {
  const log: string[] = [];
  const onError = vi.fn();
  let publisher: Publisher;

  const client: PublishingClient = {
    publish: (media, { metadata, maxBitrate }) => {
      log.push(`publish ${media.id} as ${metadata.type} ${maxBitrate ?? '-'}`);
      return metadata.type;
    },
    setPaused: (handle, paused, media) => {
      log.push(`${handle} ${paused ? 'paused' : `resumed with ${media?.id ?? 'nothing'}`}`);
      return Promise.resolve();
    },
    replace: (handle, media) => {
      log.push(`${handle} now ${media?.id ?? 'nothing'}`);
      return Promise.resolve();
    },
    setEncoding: (handle, { maxBitrate }) => {
      log.push(`${handle} at ${maxBitrate ?? '-'}`);
      return Promise.resolve();
    },
  };

  beforeEach(() => {
    log.length = 0;
    onError.mockReset();
    publisher = new Publisher(client, onError);
  });

  const after = (...states: [DevicesState, number][]) => {
    for (const [state, people] of states) publisher.sync(state, people);
    return log;
  };

  it('publishes each device once', () => {
    expect(after([devices(on(mic), on(cam)), 1], [devices(on(mic), on(cam)), 2])).toEqual([
      'publish mic as microphone -',
      'publish cam as camera 600000',
    ]);
  });

  it('publishes once although the client tells of the change before it returns', () => {
    const state = devices(on(mic), on(cam));
    const telling = new Publisher(
      {
        ...client,
        publish: (media, options) => {
          telling.sync(state, 2);
          return client.publish(media, options);
        },
      },
      onError,
    );
    telling.sync(state, 1);
    expect(log).toEqual(['publish mic as microphone -', 'publish cam as camera 600000']);
  });

  it('publishes nothing that is off', () => {
    const muted: KindState = { ...on(mic), wanted: false };
    expect(after([devices(muted, off), 1])).toEqual([]);
    expect(after([devices(on(mic), off), 1])).toEqual(['publish mic as microphone -']);
  });

  it('pauses and resumes', () => {
    const muted: KindState = { ...on(mic), wanted: false };
    after([devices(on(mic), off), 1], [devices(muted, off), 1], [devices(muted, off), 1], [devices(on(mic), off), 1]);
    expect(log.slice(1)).toEqual(['microphone paused', 'microphone resumed with mic']);
  });

  it('replaces the media when another device is chosen, without a pause in between', () => {
    const between: KindState = { ...off, wanted: true, asking: true };
    after([devices(off, on(cam)), 1], [devices(off, between), 1], [devices(off, on(track('cam2'))), 1]);
    expect(log.slice(1)).toEqual(['camera now cam2']);
  });

  it('pauses when the device is lost', () => {
    const lost: KindState = { ...off, wanted: true, problem: 'unplugged' };
    after([devices(off, on(cam)), 1], [devices(off, lost), 1]);
    expect(log.slice(1)).toEqual(['camera paused']);
  });

  it('sends less in a larger room', () => {
    const state = devices(off, on(cam));
    after([state, 6], [state, 7], [state, 8], [state, 13], [state, 5]);
    expect(log.slice(1)).toEqual(['camera at 300000', 'camera at 150000', 'camera at 600000']);
  });

  it('reports refusals', async () => {
    const refusing = new Publisher({ ...client, setPaused: () => Promise.reject(new Error('refused')) }, onError);
    refusing.sync(devices(on(mic), off), 1);
    refusing.sync(devices(off, off), 1);
    await vi.waitFor(() => expect(onError).toHaveBeenCalledWith(expect.objectContaining({ message: 'refused' })));
  });
});
