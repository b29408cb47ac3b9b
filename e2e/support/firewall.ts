import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mediaAddress } from './browsers';

const run = promisify(execFile);
const TABLE = ['inet', 'videoroom_e2e'];

/** Whether this run has a network of its own, in which datagrams may be dropped. */
export const ownsNetwork = mediaAddress !== '127.0.0.1';

/**
 * A network that lets only the web through: no datagram arrives anywhere until it is lifted.
 *
 * @param tcpPort - what else does not get through, in either direction
 */
export async function blockDatagrams(tcpPort?: string): Promise<{ lift: () => Promise<void> }> {
  if (!ownsNetwork) throw new Error('outside of netns.sh this would block the whole machine');
  await nft('add', 'table', ...TABLE);
  await nft('add', 'chain', ...TABLE, 'arriving', '{ type filter hook input priority 0; }');
  await nft('add', 'rule', ...TABLE, 'arriving', 'meta l4proto udp drop');
  for (const end of tcpPort === undefined ? [] : ['sport', 'dport']) {
    await nft('add', 'rule', ...TABLE, 'arriving', `tcp ${end} ${tcpPort} drop`);
  }
  return { lift: () => nft('delete', 'table', ...TABLE) };
}

/** A network that loses so many of a hundred datagrams, by chance, until that is lifted. */
export async function loseDatagrams(ofHundred: number): Promise<{ lift: () => Promise<void> }> {
  if (!ownsNetwork) throw new Error('outside of netns.sh this would disturb the whole machine');
  await nft('add', 'table', ...TABLE);
  await nft('add', 'chain', ...TABLE, 'arriving', '{ type filter hook input priority 0; }');
  await nft('add', 'rule', ...TABLE, 'arriving', `meta l4proto udp numgen random mod 100 < ${ofHundred} drop`);
  return { lift: () => nft('delete', 'table', ...TABLE) };
}

async function nft(...words: string[]): Promise<void> {
  await run('nft', words, { env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } });
}
