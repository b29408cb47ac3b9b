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
