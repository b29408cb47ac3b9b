/** Who somebody is, in a form that survives encoding: a colour to see and a tone to hear. Numbers 1 to 8. */
export type Identity = number;

/** Which devices a person's browser offers. */
export interface Devices {
  readonly camera: boolean;
  readonly microphone: boolean;
}

/** What {@link installIdentity} needs to know inside the page. */
export interface IdentityOptions extends Devices {
  readonly id: Identity;
}

/**
 * Init script: replaces the page's devices by a picture in the person's colour with a moving bar, and a steady tone.
 * Self-contained, because it is serialised into the page.
 */
export function installIdentity({ id, camera, microphone }: IdentityOptions): void {
  const picture = (): MediaStreamTrack => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
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
      brush.fillRect((step * 9) % canvas.width, canvas.height * 0.4, canvas.width / 10, canvas.height * 0.2);
    }, 1000 / 15);
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
    const timer = setInterval(() => {
      if (track.readyState !== 'ended') return;
      clearInterval(timer);
      void context.close();
    }, 500);
    return track;
  };

  // A page on an insecure address, such as the empty one before the first visit, has no devices to replace.
  const devices = (navigator as Partial<Navigator>).mediaDevices;
  if (devices === undefined) return;
  devices.getUserMedia = async (constraints = {}) => {
    const wantsVideo = Boolean(constraints.video);
    const wantsAudio = Boolean(constraints.audio);
    // As browsers answer when one of the wanted kinds does not exist.
    if ((wantsVideo && !camera) || (wantsAudio && !microphone)) {
      throw new DOMException('Requested device not found', 'NotFoundError');
    }
    const stream = new MediaStream();
    if (wantsVideo) stream.addTrack(picture());
    if (wantsAudio) stream.addTrack(await tone());
    return stream;
  };
  const enumerate = devices.enumerateDevices.bind(devices);
  devices.enumerateDevices = async () =>
    (await enumerate()).filter(
      ({ kind }) => (kind !== 'videoinput' || camera) && (kind !== 'audioinput' || microphone),
    );
}
