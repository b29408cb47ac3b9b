/** Painted pictures in the place of cameras and screens: the same on every machine, and nobody's face. */

/** Nothing moves: often enough for a viewer that comes later, seldom enough to cost nothing. */
const STILL_MS = 250;

const PEOPLE = [
  { wall: ['#b8c9d6', '#8a9fb5'], skin: '#e8b999', hair: '#3b2a23' },
  { wall: ['#d3c1ab', '#ac9070'], skin: '#8c5a3b', hair: '#17120f' },
  { wall: ['#c0d0bb', '#8fa98d'], skin: '#f0cab0', hair: '#a3552c' },
  { wall: ['#bccbe0', '#7d9abd'], skin: '#6d432c', hair: '#100c0a' },
  { wall: ['#d6c3d3', '#a98ca8'], skin: '#d9a679', hair: '#2c2f3a' },
] as const;

/** Somebody before a wall; the number says who. */
export function paintedPerson(number: number, everyMs = STILL_MS): MediaStreamTrack {
  const person = PEOPLE[number % PEOPLE.length] ?? PEOPLE[0];
  return painted(640, 360, everyMs, (brush) => {
    const light = brush.createLinearGradient(0, 0, 640, 360);
    light.addColorStop(0, person.wall[0]);
    light.addColorStop(1, person.wall[1]);
    brush.fillStyle = light;
    brush.fillRect(0, 0, 640, 360);
    oval(brush, 320, 420, 150, 140, '#39424e');
    brush.fillStyle = person.skin;
    brush.fillRect(285, 220, 70, 70);
    oval(brush, 320, 130, 76, 82, person.hair);
    oval(brush, 320, 162, 66, 86, person.skin);
  });
}

const moving = new Map<number, MediaStreamTrack>();

/** The same people at 15 pictures a second, for measuring. Few are painted, so that painting is not what is measured. */
export function movingPerson(number: number): MediaStreamTrack {
  const look = number % PEOPLE.length;
  const track = moving.get(look) ?? paintedPerson(look, 1000 / 15);
  moving.set(look, track);
  return track.clone();
}

/** A page of text, as people share it. */
export function paintedScreen(): MediaStreamTrack {
  return painted(1280, 720, STILL_MS, (brush) => {
    brush.fillStyle = '#ffffff';
    brush.fillRect(0, 0, 1280, 720);
    brush.fillStyle = '#1d2430';
    brush.fillRect(96, 88, 520, 36);
    brush.fillStyle = '#8993a3';
    for (let line = 0; line < 11; line += 1) brush.fillRect(96, 176 + line * 42, 1060 - ((line * 137) % 320), 14);
  });
}

/** A screen that stands upright. */
export function paintedUprightScreen(): MediaStreamTrack {
  return painted(720, 1280, STILL_MS, (brush) => {
    brush.fillStyle = '#ffffff';
    brush.fillRect(0, 0, 720, 1280);
    brush.fillStyle = '#1d2430';
    brush.fillRect(56, 64, 400, 36);
    brush.fillStyle = '#8993a3';
    for (let line = 0; line < 26; line += 1) brush.fillRect(56, 150 + line * 42, 600 - ((line * 137) % 220), 14);
  });
}

function oval(brush: CanvasRenderingContext2D, x: number, y: number, rx: number, ry: number, colour: string): void {
  brush.fillStyle = colour;
  brush.beginPath();
  brush.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI);
  brush.fill();
}

function painted(
  width: number,
  height: number,
  everyMs: number,
  paint: (brush: CanvasRenderingContext2D) => void,
): MediaStreamTrack {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const brush = canvas.getContext('2d');
  const track = canvas.captureStream(1000 / everyMs).getVideoTracks()[0];
  if (!brush || !track) throw new Error('a canvas has a context and a video track');
  // A canvas gives a frame only after it was drawn on; viewers that come later need one as well.
  paint(brush);
  const timer = setInterval(() => {
    if (track.readyState === 'ended') clearInterval(timer);
    paint(brush);
  }, everyMs);
  return track;
}
