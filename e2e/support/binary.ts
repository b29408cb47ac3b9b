import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const target = process.env['CARGO_TARGET_DIR'] ?? `${repository}target`;

/** The binaries under test; `VIDEOROOM_BIN` and `JELLYFISH_BIN` name others, for example release builds. */
export const binaries = {
  videoroom: process.env['VIDEOROOM_BIN'] ?? `${target}/checked/videoroom`,
  jellyfish: process.env['JELLYFISH_BIN'] ?? `${target}/checked/jellyfish`,
} as const;

/** How long a server may take until it serves, in milliseconds. */
const START_LIMIT = 15_000;
/** How long a server may take to end after SIGTERM, in milliseconds; the outside contract says 5 s. */
const STOP_LIMIT = 5_000;

/** A server process that is ready, and everything it has written to standard error. */
export class RunningServer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly errorLines: string[],
    /** The address it announced in its last start-up line. */
    readonly url: string,
  ) {}

  /**
   * Starts a binary and waits for its `ready:` line.
   *
   * @param prefix - a command that becomes the binary, for example on another host
   */
  static async start(binary: string, flags: readonly string[], prefix: readonly string[] = []): Promise<RunningServer> {
    await access(binary, constants.X_OK).catch(() => {
      throw new Error(`${binary} is missing: build it with "cargo build --profile checked --bins"`);
    });
    const [program = '', ...words] = [...prefix, binary, ...flags];
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: plainEnvironment() });
    const errorLines: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => errorLines.push(line));
    const url = await readyUrl(child).catch((reason: unknown) => {
      child.kill('SIGKILL');
      throw new Error(`${binary} ${flags.join(' ')}: ${String(reason)}\n${errorLines.join('\n')}`);
    });
    return new RunningServer(child, errorLines, url);
  }

  /** What it logged so far. */
  get log(): string {
    return this.errorLines.join('\n');
  }

  /** Asks it to end, as an operator does, and checks that it does so in time and content. */
  async stop(): Promise<void> {
    if (this.ended) return;
    const exit = once(this.process, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const stuck = setTimeout(() => this.process.kill('SIGKILL'), STOP_LIMIT);
    this.process.kill('SIGTERM');
    const [code, signal] = await exit;
    clearTimeout(stuck);
    if (code !== 0) throw new Error(`the server ended with ${signal ?? String(code)} after SIGTERM\n${this.log}`);
  }

  /** Ends it without a chance to say goodbye. */
  async crash(): Promise<void> {
    if (this.ended) return;
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }

  private get ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }
}

/** The test's environment without what would configure a server behind the test's back. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const configures = /^(VIDEOROOM|JELLYFISH|FJ|JF)_/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !configures.test(name)));
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const stdout = child.stdout;
    if (stdout === null) {
      reject(new Error('standard output is not piped'));
      return;
    }
    const late = setTimeout(() => {
      reject(new Error(`not ready after ${START_LIMIT} ms`));
    }, START_LIMIT);
    const fail = (reason: string): void => {
      clearTimeout(late);
      reject(new Error(reason));
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? String(code)} before it was ready`));
    createInterface({ input: stdout }).on('line', (line) => {
      const url = /^ready: (\S+)$/.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url.replace(/\/$/, ''));
    });
  });
}
