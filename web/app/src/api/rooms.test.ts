import { describe, expect, it, vi } from 'vitest';
import { joinRoom, roomInfo } from './rooms';

const answer = { token: 't', url: 'ws://h/socket/peer/websocket', peerId: 'p', room: 'daily', identity: 'i' };
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

describe('joinRoom', () => {
  it('posts name and identity and returns the answer', async () => {
    const fetcher = vi.fn(() => Promise.resolve(json(answer)));
    await expect(joinRoom('a b', { name: 'Ana', identity: 'x' }, fetcher)).resolves.toEqual(answer);
    expect(fetcher).toHaveBeenCalledWith(
      expect.stringMatching(/\/api\/rooms\/a%20b\/join$/),
      expect.objectContaining({ method: 'POST', body: '{"name":"Ana","identity":"x"}' }),
    );
  });

  it.each([
    ['our error', json({ error: { code: 'room_full', message: 'm' } }, 409), 'room_full', 409],
    ['a proxy’s 502', new Response('<html>', { status: 502 }), 'connection_failed', 502],
    ['a proxy’s 429', new Response('', { status: 429 }), 'too_many_requests', 429],
    ['an odd status', new Response('', { status: 418 }), 'internal', 418],
    ['a page instead of an answer', new Response('<html>'), 'internal', 200],
    ['an answer without token', json({ ...answer, token: '' }), 'internal', 200],
  ])('%s', async (_, response, code, status) => {
    await expect(joinRoom('x', { name: 'Ana' }, () => Promise.resolve(response))).rejects.toMatchObject({
      code,
      status,
    });
  });

  it('says when nothing answered', async () => {
    const fetcher = () => Promise.reject(new TypeError('failed'));
    await expect(joinRoom('x', { name: 'Ana' }, fetcher)).rejects.toMatchObject({
      code: 'connection_failed',
      status: 0,
    });
  });
});

it('roomInfo checks the form', async () => {
  const info = { room: 'x', exists: true, full: false, people: [{ name: 'Ben' }] };
  await expect(roomInfo('x', undefined, () => Promise.resolve(json(info)))).resolves.toEqual(info);
  await expect(
    roomInfo('x', undefined, () => Promise.resolve(json({ ...info, people: ['Ben'] }))),
  ).rejects.toMatchObject({ code: 'internal' });
});
