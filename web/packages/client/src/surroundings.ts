/** What phones tell of their network (Network Information API); other browsers have no type. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** Watches the network in a browser, see `Edges.onOnline`. */
export function onOnline(listener: () => void): () => void {
  const { connection } = navigator as Navigator & { readonly connection?: NetworkInformation };
  let type = connection?.type;
  // It also changes with mere estimates of speed.
  const changed = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    if (type !== 'none') listener();
  };
  window.addEventListener('online', listener);
  connection?.addEventListener('change', changed);
  return () => {
    window.removeEventListener('online', listener);
    connection?.removeEventListener('change', changed);
  };
}

/** How often the clock is looked at. */
const LOOK_MS = 2_000;

/** A jump of this much is no late timer. */
const JUMP_MS = 15_000;

/** Watches for sleep in a browser, see `Edges.onWake`. The wall clock tells, because others may stop with the computer. */
export function onWake(listener: (sleptMs: number) => void): () => void {
  let before = Date.now();
  const look = () => {
    const slept = Date.now() - before - LOOK_MS;
    before = Date.now();
    if (slept >= JUMP_MS) listener(slept);
  };
  const timer = window.setInterval(look, LOOK_MS);
  const shown = () => {
    if (document.visibilityState === 'visible') listener(0);
  };
  document.addEventListener('visibilitychange', shown);
  window.addEventListener('pageshow', shown);
  return () => {
    window.clearInterval(timer);
    document.removeEventListener('visibilitychange', shown);
    window.removeEventListener('pageshow', shown);
  };
}

/** How long an answer may take. Lower takes a slow network for a dead server; higher keeps the next attempt waiting. */
const KNOCK_MS = 4_000;

/** Asks for something that need not exist, see `Edges.knock`. Whatever the server says, it is there. */
export async function knock(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(KNOCK_MS);
    const { type, status } = await fetch(url, { mode: 'no-cors', cache: 'no-store', credentials: 'omit', signal });
    // A proxy whose server is away answers in its place. Of other origins the status is not told.
    return type === 'opaque' || status < 500;
  } catch {
    // No answer in time: that is the answer.
    return false;
  }
}
