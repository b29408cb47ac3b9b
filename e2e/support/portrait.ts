/** How somebody looks on a picture for the documentation. */
export interface Portrait {
  readonly wall: readonly [string, string];
  readonly skin: string;
  readonly hair: string;
  readonly shirt: string;
  /** Long hair falls behind the shoulders. */
  readonly longHair: boolean;
}

/**
 * Init script: the camera shows a painted person who sways a little. Goes on top of `installIdentity`, which keeps the
 * microphone.
 * Self-contained, because it is serialised into the page.
 */
export function installPortrait(portrait: Portrait): void {
  const [width, height] = [640, 360];

  const wall = (brush: CanvasRenderingContext2D): void => {
    const light = brush.createLinearGradient(0, 0, width, height);
    light.addColorStop(0, portrait.wall[0]);
    light.addColorStop(1, portrait.wall[1]);
    brush.fillStyle = light;
    brush.fillRect(0, 0, width, height);
    brush.fillStyle = 'rgb(255 255 255 / 30%)';
    brush.beginPath();
    brush.roundRect(40, 36, 120, 150, 6);
    brush.roundRect(510, 60, 90, 240, 6);
    brush.fill();
  };

  const oval = (
    brush: CanvasRenderingContext2D,
    x: number,
    y: number,
    rx: number,
    ry: number,
    colour: string,
  ): void => {
    brush.fillStyle = colour;
    brush.beginPath();
    brush.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
    brush.fill();
  };

  const head = (brush: CanvasRenderingContext2D, x: number, y: number): void => {
    if (portrait.longHair) oval(brush, x, y + 40, 88, 130, portrait.hair);
    oval(brush, x, height + 40, 190, 130, portrait.shirt);
    brush.fillStyle = portrait.skin;
    brush.fillRect(x - 30, y + 60, 60, 70);
    oval(brush, x, y - 14, 76, 86, portrait.hair);
    oval(brush, x, y + 12, 62, 76, portrait.skin);
    // The fringe: hair that the face does not cover.
    brush.save();
    brush.beginPath();
    brush.rect(x - 90, y - 110, 180, 76);
    brush.clip();
    oval(brush, x, y - 14, 76, 86, portrait.hair);
    brush.restore();
  };

  const picture = (): MediaStreamTrack => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const brush = canvas.getContext('2d');
    const track = canvas.captureStream(15).getVideoTracks()[0];
    if (brush === null || track === undefined) throw new Error('a canvas has a context and a video track');
    const timer = setInterval(() => {
      if (track.readyState === 'ended') clearInterval(timer);
      const sway = Math.sin(performance.now() / 900);
      wall(brush);
      head(brush, width / 2 + 5 * sway, height / 2 - 20 + 2 * sway);
    }, 1000 / 15);
    return track;
  };

  const devices = (navigator as Partial<Navigator>).mediaDevices;
  if (devices === undefined) return;
  const others = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints = {}) => {
    const stream = constraints.audio ? await others({ audio: constraints.audio }) : new MediaStream();
    if (constraints.video) stream.addTrack(picture());
    return stream;
  };
}
