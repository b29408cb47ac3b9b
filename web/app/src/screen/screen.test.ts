import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaptureProblem } from './capture';
import { Screen } from './screen';

/** A captured track as far as the page looks at one. */
class FakeTrack extends EventTarget {
  contentHint = '';
  stopped = false;
  frameRate: unknown;

  constructor(
    readonly kind: 'audio' | 'video',
    private readonly displaySurface?: string,
  ) {
    super();
  }

  getSettings = () => ({ displaySurface: this.displaySurface });
  stop = () => {
    this.stopped = true;
  };
  applyConstraints = ({ frameRate }: MediaTrackConstraints) => {
    this.frameRate = frameRate;
    return this.displaySurface === undefined ? Promise.reject(new Error('fixed')) : Promise.resolve();
  };
  /** The browser's own bar, or the end of the window. */
  ends() {
    this.dispatchEvent(new Event('ended'));
  }
}

describe('Screen', () => {
  let video: FakeTrack;
  let audio: FakeTrack | null;
  let options: DisplayMediaStreamOptions[];
  let problems: CaptureProblem[];
  let answer: () => Promise<MediaStream>;

  beforeEach(() => {
    video = new FakeTrack('video', 'monitor');
    audio = null;
    options = [];
    problems = [];
    answer = () =>
      Promise.resolve({
        getVideoTracks: () => [video],
        getAudioTracks: () => (audio ? [audio] : []),
      } as unknown as MediaStream);
  });

  function make(filtersOwnSound = false): Screen {
    const getDisplayMedia = (asked: DisplayMediaStreamOptions) => {
      options.push(asked);
      return answer();
    };
    const onProblem = (problem: CaptureProblem) => problems.push(problem);
    return new Screen({ edges: { getDisplayMedia, filtersOwnSound }, onProblem });
  }
  const started = async () => {
    const screen = make();
    await screen.start();
    return screen;
  };

  it('asks once, and captures', async () => {
    const screen = make();
    const starting = screen.start();
    expect(screen.get()).toEqual({ supported: true, asking: true, capture: null });
    await Promise.all([starting, screen.start()]);
    expect(screen.get()).toMatchObject({ asking: false, capture: { video, audio: null, hint: 'text' } });
    await screen.start();
    expect(options).toHaveLength(1);
  });

  it.each([
    [false, 'exclude'],
    [true, 'include'],
  ])('never sends others back what they say (browser filters: %s)', async (filtersOwnSound, systemAudio) => {
    await make(filtersOwnSound).start();
    expect(options).toMatchObject([{ systemAudio, selfBrowserSurface: 'exclude' }]);
    expect(options[0]?.audio).toHaveProperty('echoCancellation', false);
    expect((options[0]?.audio as object | undefined) ?? {}).toEqual(
      filtersOwnSound
        ? expect.objectContaining({ restrictOwnAudio: true })
        : expect.not.objectContaining({ restrictOwnAudio: true }),
    );
  });

  it.each<[string | undefined, boolean, 'text' | 'motion', number, boolean]>([
    ['browser', true, 'motion', 30, true],
    ['browser', false, 'text', 15, true],
    ['window', true, 'text', 15, true],
    ['monitor', true, 'text', 15, false],
    [undefined, false, 'text', 15, false],
  ])('surface %s, sound %s: hint %s, %d fps, preview %s', async (surface, sound, hint, max, preview) => {
    video = new FakeTrack('video', surface);
    audio = sound ? new FakeTrack('audio') : null;
    const { capture } = (await started()).get();
    expect(capture).toMatchObject({ hint, audio });
    expect(video).toMatchObject({ contentHint: hint, frameRate: { max } });
    expect(capture?.preview !== null).toBe(preview);
  });

  it('changes what matters in the picture', async () => {
    const screen = await started();
    screen.setHint('motion');
    expect(screen.get().capture?.hint).toBe('motion');
    expect(video).toMatchObject({ contentHint: 'motion', frameRate: { max: 30 } });
  });

  it('stops what it captures', async () => {
    audio = new FakeTrack('audio');
    const screen = await started();
    screen.stop();
    expect([video.stopped, audio.stopped, screen.get().capture]).toEqual([true, true, null]);
  });

  it('follows the browser’s own bar', async () => {
    audio = new FakeTrack('audio');
    const screen = await started();
    audio.ends();
    expect(screen.get().capture).toMatchObject({ video, audio: null });
    video.ends();
    expect(screen.get().capture).toBeNull();
    expect(problems).toEqual([]);
  });

  it('is not stopped by the end of an earlier screen', async () => {
    const screen = await started();
    screen.stop();
    const first = video;
    video = new FakeTrack('video', 'window');
    await screen.start();
    first.ends();
    expect(screen.get().capture).toMatchObject({ video });
  });

  it('drops what is chosen after the call ended', async () => {
    const screen = make();
    const starting = screen.start();
    screen.stop();
    await starting;
    expect(screen.get()).toMatchObject({ asking: false, capture: null });
    expect(video.stopped).toBe(true);
  });

  it.each<[string, string, CaptureProblem[]]>([
    ['NotAllowedError', 'Permission denied by user', []],
    ['NotAllowedError', 'Permission denied by system', ['denied_by_system']],
    ['NotFoundError', '', ['missing']],
    ['NotReadableError', 'Could not start video source', ['failed']],
    ['InvalidStateError', '', ['failed']],
  ])('%s "%s" is told as %j', async (name, message, expected) => {
    answer = () => Promise.reject(new DOMException(message, name));
    const screen = await started();
    expect(screen.get()).toEqual({ supported: true, asking: false, capture: null });
    expect(problems).toEqual(expected);
  });

  it('knows that phones cannot', () => {
    const edges = { getDisplayMedia: null, filtersOwnSound: false };
    expect(new Screen({ edges, onProblem: vi.fn() }).get().supported).toBe(false);
  });
});
