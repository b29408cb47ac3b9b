import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { MediaServerApi } from './rest';

/** A peer that the script made. */
export interface ScriptedPeer {
  readonly id: string;
  readonly token: string;
}

/** Lets `scripts/two-peers.mjs`, which people run by hand, make a room with two peers. */
export async function twoPeersByScript(api: MediaServerApi): Promise<readonly [ScriptedPeer, ScriptedPeer]> {
  const script = fileURLToPath(new URL('../scripts/two-peers.mjs', import.meta.url));
  const env = { ...process.env, JELLYFISH: api.origin, JELLYFISH_TOKEN: api.token };
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env });
  const peers = [...stdout.matchAll(/^peer (\S+) (\S+)$/gm)].map(([, id = '', token = '']) => ({ id, token }));
  const [first, second] = peers;
  if (first === undefined || second === undefined) throw new Error(`the script printed no two peers: ${stdout}`);
  return [first, second];
}
