import { describe, expect, it } from 'vitest';
import { absolute, basePath } from './base';
import { parseRoute, roomPath } from './route';

const plain = { name: null, join: false, camera: true, microphone: true };

describe('parseRoute', () => {
  it.each([
    ['/', '/', { screen: 'home' }],
    ['/meet', '/meet/', { screen: 'home' }],
    ['/meet/', '/meet/', { screen: 'home' }],
    ['/room/daily', '/', { screen: 'room', room: 'daily', options: plain }],
    ['/room/daily/', '/', { screen: 'room', room: 'daily', options: plain }],
    ['/meet/room/a%20b', '/meet/', { screen: 'room', room: 'a b', options: plain }],
    ['/room/%E4%BC%9A', '/', { screen: 'room', room: '会', options: plain }],
    ['/room/50%', '/', { screen: 'room', room: '50%', options: plain }],
    ['/room', '/', { screen: 'unknown' }],
    ['/room/a/b', '/', { screen: 'unknown' }],
    ['/elsewhere', '/', { screen: 'unknown' }],
    ['/room/daily', '/meet/', { screen: 'unknown' }],
  ])('%s below %s', (pathname, base, route) => {
    expect(parseRoute({ pathname, search: '' }, base)).toEqual(route);
  });

  it.each([
    ['?name=Ana&join=1', { name: 'Ana', join: true, camera: true, microphone: true }],
    ['?camera=0&microphone=0', { name: null, join: false, camera: false, microphone: false }],
    ['?join=0&camera=1', plain],
  ])('options of %s', (search, options) => {
    expect(parseRoute({ pathname: '/room/x', search }, '/')).toEqual({ screen: 'room', room: 'x', options });
  });

  it('finds again what roomPath wrote', () => {
    for (const room of ['daily', 'a b', '会議', 'Zoë.v2', '50_-.']) {
      expect(parseRoute({ pathname: `/${roomPath(room)}`, search: '' }, '/')).toMatchObject({ room });
    }
  });
});

it.each([
  ['http://h/', '/', 'http://h/api/x'],
  ['http://h/meet/', '/meet/', 'http://h/meet/api/x'],
  ['http://h/room/daily', '/room/', 'http://h/room/api/x'],
])('base %s', (baseURI, path, url) => {
  expect(basePath({ baseURI })).toBe(path);
  expect(absolute('api/x', { baseURI })).toBe(url);
});
