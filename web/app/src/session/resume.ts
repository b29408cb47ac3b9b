import { roomKey } from './roomName';

/** What a tab remembers of its stay in a room, in `sessionStorage`: enough to come back after a reload. */
export interface Stay {
  /** The server's signed word on who this person is; sent with the next join. */
  readonly identity: string;
  readonly name: string;
  /** In the call, or just left: only the former comes back by itself. */
  readonly joined: boolean;
  readonly microphone: boolean;
  readonly camera: boolean;
  /** When the call began for this person (milliseconds since 1970). */
  readonly since: number;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The stays of this tab, by room. */
export class Stays {
  constructor(private readonly store: Store | null = sessionStore()) {}

  read(room: string): Stay | null {
    try {
      const value: unknown = JSON.parse(this.store?.getItem(key(room)) ?? 'null');
      return isStay(value) ? value : null;
    } catch {
      return null;
    }
  }

  write(room: string, stay: Stay): void {
    try {
      this.store?.setItem(key(room), JSON.stringify(stay));
    } catch {
      // Without storage a reload asks for the name again; nothing else is lost.
    }
  }

  /** Changes a stay that exists. */
  update(room: string, changes: Partial<Stay>): void {
    const stay = this.read(room);
    if (stay) this.write(room, { ...stay, ...changes });
  }

  forget(room: string): void {
    this.store?.removeItem(key(room));
  }
}

function key(room: string): string {
  return `videoroom:stay:${roomKey(room)}`;
}

function sessionStore(): Store | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

function isStay(value: unknown): value is Stay {
  if (typeof value !== 'object' || value === null) return false;
  const stay = value as Record<keyof Stay, unknown>;
  return (
    typeof stay.identity === 'string' &&
    typeof stay.name === 'string' &&
    typeof stay.since === 'number' &&
    [stay.joined, stay.microphone, stay.camera].every((flag) => typeof flag === 'boolean')
  );
}
