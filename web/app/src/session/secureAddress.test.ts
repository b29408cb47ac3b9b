import { expect, it, vi } from 'vitest';
import { findSecureAddress, type SecureEdges } from './secureAddress';

it.each([
  [
    'http://meet.test/room/a?name=Ana',
    'http://meet.test/',
    true,
    'https://meet.test/room/a?name=Ana',
    'https://meet.test/healthz',
  ],
  [
    'http://10.0.0.5:8080/meet/room/a',
    'http://10.0.0.5:8080/meet/',
    true,
    'https://10.0.0.5:8080/meet/room/a',
    'https://10.0.0.5:8080/meet/healthz',
  ],
  ['http://meet.test/room/a', 'http://meet.test/', false, null, 'https://meet.test/healthz'],
  ['https://meet.test/room/a', 'https://meet.test/', true, null, null],
])('%s', async (href, baseURI, answers, expected, asked) => {
  const reach = vi.fn<SecureEdges['reach']>(() => (answers ? Promise.resolve() : Promise.reject(new TypeError('no'))));
  expect(await findSecureAddress({ location: { href }, document: { baseURI }, reach })).toBe(expected);
  expect(reach.mock.calls.map(([address]) => address)).toEqual(asked === null ? [] : [asked]);
});
