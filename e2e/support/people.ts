import {
  type Browser,
  type BrowserContext,
  type BrowserServer,
  chromium,
  firefox,
  type LaunchOptions,
  type Page,
} from '@playwright/test';
import { chromiumLaunch, chromiumLaunchAt, firefoxLaunch, strictChromiumLaunch } from './browsers';
import { installTroubles, type TroubleOptions } from './device-troubles';
import { type Devices, type Identity, installIdentity } from './identity';
import { installProbe } from './probe';
import { installWiretap } from './wiretap';

/** Somebody with a browser of their own: an own context, so that no page is a background tab of another. */
export interface Person {
  readonly name: string;
  readonly id: Identity;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the person's pages did so far. */
  readonly conduct: Conduct;
  /** The browser's process, when the person has one of their own. */
  readonly pid: number | null;
}

/** What a person's pages did. */
export interface Conduct {
  /** Origins that they talked to, by HTTP or WebSocket. */
  readonly contacted: ReadonlySet<string>;
  /** Exceptions that nobody caught, and what the content security policy refused. */
  readonly errors: readonly string[];
}

/** How somebody's browser differs from the usual one. */
export interface BrowserOptions {
  readonly devices?: Partial<Devices>;
  /** What is wrong with the devices from the start, and how to trouble them later. */
  readonly troubles?: TroubleOptions;
  /** The browser's own devices instead of the person's colour and tone. */
  readonly ownDevices?: boolean;
  /** Another way to the same meeting, such as through a proxy; the meeting's own origin by default. */
  readonly origin?: string;
  /** Another browser than the project's. */
  readonly browserName?: BrowserName;
  /** A process of Chromium that nobody else uses, started so. */
  readonly ownProcess?: LaunchOptions;
}

export type BrowserName = 'chromium' | 'firefox' | 'strict chromium' | 'chromium machine' | 'chromium outside';

/** Hands out people and watches what their pages do. */
export class People {
  private readonly contexts: BrowserContext[] = [];
  private readonly otherBrowsers = new Map<string, Browser>();
  private readonly processes: BrowserServer[] = [];

  constructor(private readonly browserOfProject: Browser) {}

  /** A new person with a colour, a tone and a browser. */
  async browser(name: string, options: BrowserOptions = {}): Promise<Person> {
    const id: Identity = this.contexts.length + 1;
    const own = options.ownProcess === undefined ? null : await this.startProcess(options.ownProcess);
    const browser = own === null ? await this.find(options.browserName) : await chromium.connect(own.wsEndpoint());
    // Addresses of a test's own network have no better certificate than the server's own.
    const context = await browser.newContext({ ignoreHTTPSErrors: own !== null });
    this.contexts.push(context);
    if (options.ownDevices !== true) {
      await context.addInitScript(installIdentity, { id, camera: true, microphone: true, ...options.devices });
    }
    if (options.troubles !== undefined) await context.addInitScript(installTroubles, options.troubles);
    await context.addInitScript(installProbe);
    await context.addInitScript(installWiretap);
    const conduct = watch(context);
    return { name, id, context, page: await context.newPage(), conduct, pid: own?.process().pid ?? null };
  }

  async close(): Promise<void> {
    for (const context of this.contexts) await context.close();
    for (const browser of this.otherBrowsers.values()) await browser.close();
    for (const process of this.processes) await process.close();
  }

  private async startProcess(options: LaunchOptions): Promise<BrowserServer> {
    const server = await chromium.launchServer(options);
    this.processes.push(server);
    return server;
  }

  private async find(name: BrowserName | undefined): Promise<Browser> {
    if (name === undefined || name === this.browserOfProject.browserType().name()) return this.browserOfProject;
    const launched = this.otherBrowsers.get(name) ?? (await launch(name));
    this.otherBrowsers.set(name, launched);
    return launched;
  }
}

function launch(name: BrowserName): Promise<Browser> {
  switch (name) {
    case 'chromium':
      return chromium.launch(chromiumLaunch);
    case 'strict chromium':
      return chromium.launch(strictChromiumLaunch);
    case 'firefox':
      return firefox.launch({ channel: 'moz-firefox', ...firefoxLaunch });
    case 'chromium machine':
      return chromium.launch(chromiumLaunchAt('MACHINE'));
    case 'chromium outside':
      return chromium.launch(chromiumLaunchAt('OUTSIDE'));
  }
}

/** What Firefox logs as an error when the network breaks a WebSocket: nobody threw it. */
const BROKEN_SOCKET = /^The connection to wss?:\S+ was interrupted/;

function watch(context: BrowserContext): Conduct {
  const contacted = new Set<string>();
  const errors: string[] = [];
  const contact = (address: string): void => {
    const { protocol, origin, host } = new URL(address);
    if (protocol === 'http:' || protocol === 'https:') contacted.add(origin);
    if (protocol === 'ws:') contacted.add(`http://${host}`);
    if (protocol === 'wss:') contacted.add(`https://${host}`);
  };
  context.on('page', (page) => {
    page.on('request', (request) => contact(request.url()));
    page.on('websocket', (socket) => contact(socket.url()));
    page.on('pageerror', (error) => {
      if (!BROKEN_SOCKET.test(error.message)) errors.push(error.stack ?? error.message);
    });
    page.on('console', (message) => {
      if (message.type() === 'error' && /content.security.policy/i.test(message.text())) errors.push(message.text());
    });
  });
  return { contacted, errors };
}
