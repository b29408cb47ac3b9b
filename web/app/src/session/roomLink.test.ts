import { expect, it } from 'vitest';
import { needsBetterLink, roomLink } from './roomLink';

it.each([
  ['localhost', true],
  ['meet.localhost', true],
  ['127.0.0.1', true],
  ['[::1]', true],
  ['192.168.1.5', false],
  ['meet.example', false],
  ['127.example', false],
])('a better address than %s is worth asking for: %s', (hostname, worth) => {
  expect(needsBetterLink(hostname)).toBe(worth);
});

it.each([
  [[], 'http://localhost:3000/room/Caf%C3%A9%20%237', false],
  [['https://192.168.1.5:8080', 'https://[fd00::5]:8080'], 'https://192.168.1.5:8080/room/Caf%C3%A9%20%237', true],
  [['https://[fd00::5]:8080/meet'], 'https://[fd00::5]:8080/meet/room/Caf%C3%A9%20%237', true],
  [['https://meet.example'], 'https://meet.example/room/Caf%C3%A9%20%237', false],
  [['nonsense'], 'http://localhost:3000/room/Caf%C3%A9%20%237', false],
])('with the addresses %j', (addresses, url, inNetwork) => {
  expect(roomLink('Café #7', addresses)).toEqual({ url, inNetwork });
});
