import { Store } from '../ui/store';
import { announcements, isUrgent } from './announcements';
import type { CallState } from './state';

/** Longer, and news are old; shorter, and a class that arrives is thirty sentences that cut each other off. */
const GATHER_MS = 1_000;

/** Tells screen readers what happens in a call: at once what the person did or what stops the call, the rest gathered. */
export class Announcer {
  /** The newest words. */
  readonly words = new Store('');
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The last state that everything was told about. */
  private told: CallState;

  constructor(private readonly call: { readonly get: () => CallState }) {
    this.told = call.get();
  }

  /** Called after each change of the call. */
  update(): void {
    if (isUrgent(this.told, this.call.get())) this.tell();
    else this.timer ??= setTimeout(() => this.tell(), GATHER_MS);
  }

  /** Says something that is no state of the call. */
  say(text: string): void {
    // Words that do not change are not read again.
    this.words.set(this.words.get() === text ? `${text}\u00A0` : text);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private tell(): void {
    this.stop();
    const now = this.call.get();
    const texts = announcements(this.told, now);
    const leftRoom = this.told.phase !== now.phase;
    this.told = now;
    if (texts.length > 0) this.say(texts.join('. '));
    else if (leftRoom) this.words.set('');
  }
}
