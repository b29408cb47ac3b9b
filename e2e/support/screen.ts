import type { Identity } from './identity';

declare global {
  interface Window {
    /** What the next question about a screen is answered with: a screen, or an error of that name. */
    answerScreen(answer: 'screen' | 'NotAllowedError' | 'NotReadableError'): void;
    /** Ends the capture as the browser's own bar does. */
    endScreen(): void;
    /** Whether anything of a screen is captured now. */
    screenIsCaptured(): boolean;
  }
}

/**
 * Init script: replaces the browser's screens by a tab in that identity's colour, with a moving bar and its tone.
 * Self-contained, because it is serialised into the page; colours and tones as in `installIdentity`.
 */
export function installScreen({ id }: { readonly id: Identity }): void {
  let answer: Parameters<Window['answerScreen']>[0] = 'screen';
  let captured: MediaStreamTrack[] = [];
  const onEnd: (() => void)[] = [];
  /**
   * A page's own `stop` tells nobody, the browser's bar does. Listeners are kept here, because Firefox gives those of a
   * track no events but its own.
   */
  const endable = (track: MediaStreamTrack): MediaStreamTrack => {
    track.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
      if (type !== 'ended' || typeof listener !== 'function') return;
      onEnd.push(() => listener.call(track, new Event('ended')));
    };
    return track;
  };
  window.answerScreen = (next) => {
    answer = next;
  };
  window.endScreen = () => {
    for (const track of captured) track.stop();
    for (const tell of onEnd.splice(0)) tell();
  };
  window.screenIsCaptured = () => captured.some(({ readyState }) => readyState === 'live');

  const picture = (): MediaStreamTrack => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const brush = canvas.getContext('2d');
    const track = canvas.captureStream(15).getVideoTracks()[0];
    if (brush === null || track === undefined) throw new Error('a canvas has a context and a video track');
    let step = 0;
    const timer = setInterval(() => {
      if (track.readyState === 'ended') clearInterval(timer);
      brush.fillStyle = `hsl(${(id * 97) % 360} 80% 45%)`;
      brush.fillRect(0, 0, canvas.width, canvas.height);
      step += 1;
      brush.fillStyle = '#fff';
      brush.fillRect((step * 36) % canvas.width, canvas.height * 0.4, canvas.width / 10, canvas.height * 0.2);
    }, 1000 / 15);
    const settings = track.getSettings.bind(track);
    track.getSettings = () => ({ ...settings(), displaySurface: 'browser' });
    return track;
  };

  const tone = async (): Promise<MediaStreamTrack> => {
    const context = new AudioContext();
    const oscillator = new OscillatorNode(context, { frequency: 300 + 100 * id });
    const sink = new MediaStreamAudioDestinationNode(context);
    oscillator.connect(new GainNode(context, { gain: 0.2 })).connect(sink);
    oscillator.start();
    await context.resume();
    const track = sink.stream.getAudioTracks()[0];
    if (track === undefined) throw new Error('a destination node has an audio track');
    return track;
  };

  // A page on an insecure address, such as the empty one before the first visit, has no devices to replace.
  const devices = (navigator as Partial<Navigator>).mediaDevices;
  if (devices === undefined) return;
  devices.getDisplayMedia = async () => {
    if (answer !== 'screen') throw new DOMException('as the test says', answer);
    captured = [endable(picture()), endable(await tone())];
    return new MediaStream(captured);
  };
}
