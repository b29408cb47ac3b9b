import { expect, it, vi } from 'vitest';
import { betterAddresses } from './links';

const answer = (body: unknown, status = 200) => vi.fn(() => Promise.resolve(Response.json(body, { status })));

it('asks on this computer only', async () => {
  const fetcher = answer({ links: ['https://192.168.1.5:8080'] });
  expect(await betterAddresses('meet.example', fetcher)).toEqual([]);
  expect(fetcher).not.toHaveBeenCalled();
  expect(await betterAddresses('localhost', fetcher)).toEqual(['https://192.168.1.5:8080']);
  expect(fetcher).toHaveBeenCalledWith('http://localhost:3000/api/links', expect.anything());
});

it.each([
  ['an older server', answer({ error: { code: 'not_found' } }, 404)],
  ['words that mean nothing', answer({ links: [7] })],
  ['a server that is away', vi.fn(() => Promise.reject(new TypeError('no network')))],
])('takes %s for none', async (_, fetcher) => {
  expect(await betterAddresses('127.0.0.1', fetcher)).toEqual([]);
});
