import { type Browser, type BrowserContext, chromium, firefox, type Page } from '@playwright/test';
import { chromiumLaunch, firefoxLaunch } from './browsers';
import { type Devices, type Identity, installIdentity } from './identity';
import { installProbe } from './probe';

/** Somebody with a browser of their own: an own context, so that no page is a background tab of another. */
export interface Person {
  readonly name: string;
  readonly id: Identity;
  readonly context: BrowserContext;
  readonly page: Page;
}

/** How somebody's browser differs from the usual one. */
export interface BrowserOptions {
  readonly devices?: Partial<Devices>;
  /** Another browser than the project's. */
  readonly browserName?: 'chromium' | 'firefox';
}

/** Hands out people and watches what their pages do. */
export class People {
  private readonly contexts: BrowserContext[] = [];
  private readonly otherBrowsers = new Map<string, Browser>();
  private readonly contacted = new Set<string>();
  private readonly errors: string[] = [];

  constructor(private readonly browserOfProject: Browser) {}

  /** A new person with a colour, a tone and a browser. */
  async browser(name: string, options: BrowserOptions = {}): Promise<Person> {
    const id: Identity = this.contexts.length + 1;
    const browser = await this.find(options.browserName);
    const context = await browser.newContext();
    this.contexts.push(context);
    await context.addInitScript(installIdentity, { id, camera: true, microphone: true, ...options.devices });
    await context.addInitScript(installProbe);
    context.on('page', (page) => this.watch(page, name));
    return { name, id, context, page: await context.newPage() };
  }

  /** Origins that any page of any person has talked to. */
  get contactedOrigins(): readonly string[] {
    return [...this.contacted].sort();
  }

  /** Exceptions that nobody caught, and what the content security policy refused. */
  get pageErrors(): readonly string[] {
    return this.errors;
  }

  async close(): Promise<void> {
    for (const context of this.contexts) await context.close();
    for (const browser of this.otherBrowsers.values()) await browser.close();
  }

  private async find(name: 'chromium' | 'firefox' | undefined): Promise<Browser> {
    if (name === undefined || name === this.browserOfProject.browserType().name()) return this.browserOfProject;
    const launched =
      this.otherBrowsers.get(name) ??
      (await (name === 'chromium'
        ? chromium.launch(chromiumLaunch)
        : firefox.launch({ channel: 'moz-firefox', ...firefoxLaunch })));
    this.otherBrowsers.set(name, launched);
    return launched;
  }

  private watch(page: Page, name: string): void {
    const contact = (address: string): void => {
      const { protocol, origin, host } = new URL(address);
      if (protocol === 'http:' || protocol === 'https:') this.contacted.add(origin);
      if (protocol === 'ws:') this.contacted.add(`http://${host}`);
      if (protocol === 'wss:') this.contacted.add(`https://${host}`);
    };
    page.on('request', (request) => contact(request.url()));
    page.on('websocket', (socket) => contact(socket.url()));
    page.on('pageerror', (error) => this.errors.push(`${name}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && /content.security.policy/i.test(message.text())) {
        this.errors.push(`${name}: ${message.text()}`);
      }
    });
  }
}
