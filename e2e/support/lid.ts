import { readdir, readFile } from 'node:fs/promises';

/** Stops a process and everything that it started, as a computer does whose lid is closed. */
export async function closeLid(pid: number): Promise<void> {
  await signalAll(pid, 'SIGSTOP');
}

/** They go on where they were. */
export async function openLid(pid: number): Promise<void> {
  await signalAll(pid, 'SIGCONT');
}

async function signalAll(pid: number, signal: NodeJS.Signals): Promise<void> {
  const parents = await allParents();
  const family = new Set([pid]);
  // Children may be listed before their parents.
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  for (const member of family) {
    try {
      process.kill(member, signal);
    } catch (error) {
      // One that has ended meanwhile needs no signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** The parent of each process. */
async function allParents(): Promise<ReadonlyMap<number, number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(
    pids.map(async (pid) => {
      // One that has ended meanwhile has no parent any more.
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // The name in parentheses may contain anything; the state and the parent follow it.
      const parent = /\) \S (\d+) /.exec(stat.slice(stat.lastIndexOf(')')))?.[1];
      return parent === undefined ? [] : [[Number(pid), Number(parent)] as const];
    }),
  );
  return new Map(entries.flat());
}

/**
 * Init script: a second during which the page stands still counts as many, so that a short sleep is a long one by the wall
 * clock. Self-contained, because it is serialised into the page.
 */
export function installSleepingClock({ factor }: { readonly factor: number }): void {
  /** Everything shorter is a page that has nothing to do. */
  const standstill = 10_000;
  const now = Date.now.bind(Date);
  let before = now();
  let extra = 0;
  Date.now = () => {
    const passed = now() - before;
    if (passed > standstill) extra += passed * (factor - 1);
    before += passed;
    return before + extra;
  };
}
