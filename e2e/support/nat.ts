import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from '@playwright/test';
import { MeetingPage } from '../pages/meeting-page';
import { binaries, RunningServer } from './binary';
import type { BrowserName, Person } from './people';
import { test as base } from './test';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../nat.sh', import.meta.url));

/** The hosts of `nat.sh`. */
export type Host = 'container' | 'machine' | 'outside';

/** What `nat.sh` puts before a command to run it on a host. */
export function prefixOf(host: Host): readonly string[] {
  const prefix = process.env[host.toUpperCase()];
  if (prefix === undefined) throw new Error('run it inside nat.sh: npm run test:nat -w @videoroom/e2e');
  return prefix.split(' ');
}

/** A server on one of the hosts, as its operator sees it. */
export interface Served {
  readonly log: () => string;
  /** `videoroom doctor` with the server's own flags, while it runs. */
  readonly doctor: () => Promise<{ table: string; status: number }>;
}

/** Servers and people on the hosts of `nat.sh`. */
export class NatNetwork {
  private readonly ends: (() => Promise<void>)[] = [];
  private readonly guests: Person[] = [];

  constructor(private readonly browser: (name: string, at: BrowserName) => Promise<Person>) {}

  /**
   * Starts `videoroom` with its usual ports.
   *
   * @param variables - further words of its environment
   */
  async serve(host: Host, flags: readonly string[] = [], variables: readonly string[] = []): Promise<Served> {
    const dataDir = await mkdtemp(join(tmpdir(), 'videoroom-e2e-'));
    const prefix = [...prefixOf(host), 'env', ...variables];
    const allFlags = ['--data-dir', dataDir, '--workers', '2', ...flags];
    const server = await RunningServer.start(binaries.videoroom, allFlags, prefix);
    this.ends.push(async () => {
      await server.stop();
      await rm(dataDir, { recursive: true });
    });
    const doctor = async (): Promise<{ table: string; status: number }> => {
      const [program = '', ...words] = [...prefix, binaries.videoroom, 'doctor', ...allFlags];
      try {
        return { table: (await run(program, words)).stdout, status: 0 };
      } catch (error) {
        const { stdout, code } = error as { stdout: string; code: number };
        return { table: stdout, status: code };
      }
    };
    return { log: () => server.log, doctor };
  }

  /** Somebody on a host who opened a room at an address and clicked "Join". */
  async join(name: string, host: 'machine' | 'outside', origin: string): Promise<MeetingPage> {
    const person = await this.browser(name, `chromium ${host}`);
    this.guests.push(person);
    const page = new MeetingPage(person, origin);
    await page.openRoom('standup');
    await page.expectState('prejoin');
    await page.join();
    await page.expectState('joined');
    return page;
  }

  /** Ends all servers, and checks that no page threw. */
  async end(): Promise<void> {
    for (const end of this.ends) await end();
    for (const { name, conduct } of this.guests) expect(conduct.errors, `${name}'s page has no errors`).toEqual([]);
  }
}

/** Lets the NAT forget the ports of everybody behind it and give them others. How many got new ones since is counted. */
export async function changePorts(): Promise<void> {
  await run(script, ['--change-ports']);
}

/** How many times the NAT has chosen a port since {@link changePorts}. */
export async function chosenPorts(): Promise<number> {
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  const { stdout } = await run('nft', ['list', 'chain', 'ip', 'nat', 'postrouting'], { env });
  const packets = /counter packets (\d+) .*:30000-39999/.exec(stdout)?.[1];
  if (packets === undefined) throw new Error(`the ports were not changed: ${stdout}`);
  return Number(packets);
}

/** The suite's `test` on the hosts of `nat.sh`. */
export const test = base.extend<{ readonly network: NatNetwork }>({
  network: async ({ people }, use) => {
    const network = new NatNetwork((name, browserName) => people.browser(name, { browserName }));
    await use(network);
    await network.end();
  },
});
