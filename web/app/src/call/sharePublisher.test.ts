import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Capture } from '../screen/capture';
import { SharePublisher, type SharingClient } from './sharePublisher';

const track = (id: string, width = 1280, height = 720) =>
  ({ id, getSettings: () => ({ width, height }) }) as MediaStreamTrack;
const picture = track('picture');
const sound = track('sound');
const capture: Capture = { video: picture, audio: sound, hint: 'text', preview: null };

describe('SharePublisher', () => {
  const log: string[] = [];
  const onError = vi.fn();
  let publisher: SharePublisher;

  const client: SharingClient = {
    publish: (media, { metadata, maxBitrate, maxFramerate, scaleResolutionDownBy }) => {
      const limits = [maxBitrate, maxFramerate, scaleResolutionDownBy].map((limit) => limit ?? '-').join(' ');
      log.push(`publish ${media.id} as ${metadata.type}${metadata.paused ? ' paused' : ''}: ${limits}`);
      return media.id;
    },
    unpublish: (handle) => {
      log.push(`unpublish ${handle}`);
      return Promise.resolve();
    },
    setEncoding: (handle, { maxFramerate }) => {
      log.push(`${handle} with ${maxFramerate ?? '-'} fps`);
      return Promise.resolve();
    },
  };

  beforeEach(() => {
    log.length = 0;
    onError.mockReset();
    publisher = new SharePublisher(client, onError);
  });

  const after = (...captures: (Capture | null)[]) => {
    for (const each of captures) publisher.sync(each);
    return log;
  };

  it('publishes picture and sound once, and withdraws both', () => {
    expect(after(null, capture, capture, null, null)).toEqual([
      'publish picture as screenShareVideo: 2500000 15 1',
      'publish sound as screenShareAudio: - - -',
      'unpublish picture',
      'unpublish sound',
    ]);
  });

  it('publishes once although the client tells of the change before it returns', () => {
    const telling = new SharePublisher(
      {
        ...client,
        publish: (media, options) => {
          telling.sync(capture);
          return client.publish(media, options);
        },
      },
      onError,
    );
    telling.sync(capture);
    expect(log).toHaveLength(2);
  });

  it('goes on without sound when only that ends', () => {
    expect(after(capture, { ...capture, audio: null }).slice(2)).toEqual(['unpublish sound']);
  });

  it('withdraws one screen before it publishes the next', () => {
    const next = { ...capture, video: track('next'), audio: null };
    expect(after(capture, next).slice(2)).toEqual([
      'unpublish picture',
      'publish next as screenShareVideo: 2500000 15 1',
      'unpublish sound',
    ]);
  });

  it('sends more pictures of what moves', () => {
    expect(after(capture, { ...capture, hint: 'motion' }).slice(2)).toEqual(['picture with 30 fps']);
  });

  it('sends a large screen no larger than 1920×1080', () => {
    const [large] = after({ ...capture, video: track('large', 3840, 1600), audio: null });
    expect(large).toBe('publish large as screenShareVideo: 2500000 15 2');
  });

  it('knows its own handles', () => {
    publisher.sync(capture);
    expect(['picture', 'sound', 'camera', undefined].map((handle) => publisher.owns(handle))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    publisher.sync(null);
    expect(publisher.owns('picture')).toBe(false);
  });

  it('reports refusals', async () => {
    const refusing = new SharePublisher({ ...client, unpublish: () => Promise.reject(new Error('refused')) }, onError);
    refusing.sync(capture);
    refusing.sync(null);
    await vi.waitFor(() => expect(onError).toHaveBeenCalledWith(expect.objectContaining({ message: 'refused' })));
  });
});
