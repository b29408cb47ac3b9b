import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LaunchOptions } from '@playwright/test';
import { chromiumLaunch, mediaAddress } from './browsers';
import { ownsNetwork } from './firewall';

const run = promisify(execFile);

/** Starts a browser inside the network namespace of the process that `E2E_NETWORK_OF` names. */
const starter = fileURLToPath(new URL('in-network.sh', import.meta.url));

/** A way to the meeting: the network card, its address, and that of the router. */
interface Way {
  readonly card: string;
  readonly address: string;
  readonly router: string;
}

const WIFI: Way = { card: 'wlan0', address: '10.78.1.2', router: '10.78.1.1' };
const MOBILE: Way = { card: 'wwan0', address: '10.78.2.2', router: '10.78.2.1' };

/** A computer that is elsewhere, first in a Wi-Fi and then in a mobile network. Needs a network of the run's own. */
export class Roamer {
  private constructor(private readonly holder: ChildProcess) {}

  static async start(): Promise<Roamer> {
    if (!ownsNetwork) throw new Error('outside of netns.sh this would change the whole machine');
    // Its namespace lives as long as this process, and the cables to it as long as the namespace.
    const holder = spawn('unshare', ['--net', 'sleep', 'infinity'], { env: environment() });
    const roamer = new Roamer(holder);
    await roamer.arrived();
    for (const way of [WIFI, MOBILE]) await roamer.lay(way);
    await roamer.connect(WIFI);
    return roamer;
  }

  /** The host under which the meeting is reached from there, if the server listens to more than loopback. */
  readonly host = mediaAddress;

  /** How a browser is started there. */
  get launch(): LaunchOptions {
    const env = { ...environment(), E2E_NETWORK_OF: String(this.pid), E2E_BROWSER: chromiumLaunch.executablePath };
    return { ...chromiumLaunch, executablePath: starter, env: env };
  }

  /** Out of the house: the Wi-Fi is gone without a word, and a mobile network with another address takes its place. */
  async changeNetwork(): Promise<void> {
    await this.ip('link', 'set', WIFI.card, 'down');
    await this.connect(MOBILE);
  }

  /** Home again. */
  async changeBack(): Promise<void> {
    await this.ip('link', 'set', MOBILE.card, 'down');
    await this.connect(WIFI);
  }

  async stop(): Promise<void> {
    // A browser that has not ended yet would keep the namespace, and with it these names from the next roamer.
    for (const { card } of [WIFI, MOBILE]) await run('ip', ['link', 'del', routerOf(card)], { env: environment() });
    const ended = once(this.holder, 'exit');
    this.holder.kill('SIGKILL');
    await ended;
  }

  private get pid(): number {
    if (this.holder.pid === undefined) throw new Error('the process that holds the network did not start');
    return this.holder.pid;
  }

  /** Waits until the holder has left our network for its own. */
  private async arrived(): Promise<void> {
    const ours = await readlink('/proc/self/ns/net');
    const limit = Date.now() + 5_000;
    while ((await readlink(`/proc/${this.pid}/ns/net`)) === ours) {
      if (Date.now() > limit) throw new Error('no network namespace within 5 s');
    }
  }

  private async lay({ card, router }: Way): Promise<void> {
    const ours = routerOf(card);
    await run('ip', ['link', 'add', ours, 'type', 'veth', 'peer', 'name', card, 'netns', String(this.pid)], {
      env: environment(),
    });
    await run('ip', ['addr', 'add', `${router}/24`, 'dev', ours], { env: environment() });
    await run('ip', ['link', 'set', ours, 'up'], { env: environment() });
  }

  private async connect({ card, address, router }: Way): Promise<void> {
    await this.ip('addr', 'replace', `${address}/24`, 'dev', card);
    await this.ip('link', 'set', card, 'up');
    await this.ip('route', 'replace', 'default', 'via', router, 'dev', card);
  }

  private async ip(...words: string[]): Promise<void> {
    await run('nsenter', ['--net', '--target', String(this.pid), 'ip', ...words], { env: environment() });
  }
}

/** Our end of the cable to a network card. */
function routerOf(card: string): string {
  return `${card}-router`;
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
}
