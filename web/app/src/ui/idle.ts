/** What people do with a page that they use. */
const INPUT = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'focusin'] as const;

/**
 * Tells when nobody has touched the page for so many milliseconds, and when somebody does again. Returns how to stop it.
 */
export function watchIdle(page: EventTarget, patienceMs: number, onIdle: (idle: boolean) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let idle = false;
  const tell = (now: boolean) => {
    if (now === idle) return;
    idle = now;
    onIdle(idle);
  };
  const onInput = () => {
    clearTimeout(timer);
    timer = setTimeout(() => tell(true), patienceMs);
    tell(false);
  };
  for (const type of INPUT) page.addEventListener(type, onInput, { capture: true, passive: true });
  onInput();
  return () => {
    clearTimeout(timer);
    for (const type of INPUT) page.removeEventListener(type, onInput, { capture: true });
    tell(false);
  };
}
