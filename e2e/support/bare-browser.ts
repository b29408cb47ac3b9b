import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { chromiumLaunch } from './browsers';

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A tab of a {@link BareBrowser}. */
export interface BareTab {
  evaluate<T>(expression: string): Promise<T>;
}

/**
 * Chromium as people run it. The runner keeps all of its pages in front, even those behind others; here a tab that is
 * behind another one is hidden. It speaks the DevTools protocol over a pipe.
 */
export class BareBrowser {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private last = 0;
  private rest = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly profile: string,
    private readonly commands: Writable,
    answers: Readable,
  ) {
    answers.setEncoding('utf8').on('data', (text: string) => this.receive(text));
  }

  static async start(): Promise<BareBrowser> {
    const profile = await mkdtemp(join(tmpdir(), 'videoroom-e2e-browser-'));
    const flags = ['--headless=new', '--no-sandbox', '--no-first-run', '--remote-debugging-pipe'];
    const child = spawn(
      chromiumLaunch.executablePath ?? '',
      [...flags, `--user-data-dir=${profile}`, ...(chromiumLaunch.args ?? []), 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const [, , , commands, answers] = child.stdio as unknown as [null, null, null, Writable, Readable];
    return new BareBrowser(child, profile, commands, answers);
  }

  /** A new tab in front of all others. @param scripts - run before those of the page */
  async open(url: string, scripts: readonly string[] = []): Promise<BareTab> {
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const attached = await this.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
    const { sessionId } = attached;
    await this.send('Page.enable', {}, sessionId);
    for (const source of scripts) await this.send('Page.addScriptToEvaluateOnNewDocument', { source }, sessionId);
    await this.send('Page.navigate', { url }, sessionId);
    return {
      evaluate: async <T>(expression: string) => {
        const question = { expression, returnByValue: true, awaitPromise: true };
        return (await this.send<{ result: { value: T } }>('Runtime.evaluate', question, sessionId)).result.value;
      },
    };
  }

  async close(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    // Its children write to it until they notice.
    await rm(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  private async send<T>(method: string, params: object, sessionId?: string): Promise<T> {
    const id = (this.last += 1);
    const answer = new Promise<Answer>((resolve) => this.waiting.set(id, resolve));
    this.commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  private receive(text: string): void {
    const messages = (this.rest + text).split('\0');
    this.rest = messages.pop() ?? '';
    for (const message of messages) {
      const answer = JSON.parse(message) as Answer;
      if (answer.id === undefined) continue;
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    }
  }
}
