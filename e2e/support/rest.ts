/** A track as the media server's REST API shows it. */
export interface Track {
  readonly id: string;
  readonly type: 'audio' | 'video';
  readonly metadata: unknown;
}

/** A peer as the media server's REST API shows it. */
export interface Peer {
  readonly id: string;
  readonly status: 'connected' | 'disconnected';
  readonly tracks: readonly Track[];
  readonly metadata: unknown;
}

/** A room as the media server's REST API shows it. */
export interface Room {
  readonly id: string;
  readonly config: { readonly maxPeers: number | null };
  readonly peers: readonly Peer[];
}

/** A peer that was just added, and the token with which a page becomes it. */
export interface NewPeer {
  readonly peer: Peer;
  readonly token: string;
}

/** An answer that the test did not ask for. */
export class UnexpectedAnswer extends Error {
  constructor(
    readonly status: number,
    request: string,
    body: string,
  ) {
    super(`${request} was answered with ${status}: ${body}`);
  }
}

/** The media server's REST API, as an operator's script uses it. */
export class MediaServerApi {
  constructor(
    /** Origin of the API. */
    readonly origin: string,
    /** Bearer token of the API. */
    readonly token: string,
  ) {}

  async createRoom(config: { roomId?: string; maxPeers?: number; peerlessPurgeTimeout?: number } = {}): Promise<Room> {
    const { room } = await this.call<{ room: Room }>('POST', '/room', config);
    return room;
  }

  rooms(): Promise<readonly Room[]> {
    return this.call('GET', '/room');
  }

  /** The room, or null when there is none of that id. */
  async room(id: string): Promise<Room | null> {
    try {
      return await this.call<Room>('GET', `/room/${id}`);
    } catch (error) {
      if (error instanceof UnexpectedAnswer && error.status === 404) return null;
      throw error;
    }
  }

  async deleteRoom(id: string): Promise<void> {
    await this.call('DELETE', `/room/${id}`);
  }

  addPeer(roomId: string): Promise<NewPeer> {
    return this.call('POST', `/room/${roomId}/peer`, { type: 'webrtc', options: {} });
  }

  async deletePeer(roomId: string, peerId: string): Promise<void> {
    await this.call('DELETE', `/room/${roomId}/peer/${peerId}`);
  }

  /** Lets a room crash; only with `--fault-injection`. */
  async crashRoom(roomId: string): Promise<void> {
    await this.call('POST', `/fault/room/${roomId}`);
  }

  /** Lets a peer crash; only with `--fault-injection`. */
  async crashPeer(roomId: string, peerId: string): Promise<void> {
    await this.call('POST', `/fault/room/${roomId}/peer/${peerId}`);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new UnexpectedAnswer(response.status, `${method} ${path}`, text);
    return (text === '' ? undefined : (JSON.parse(text) as { data: unknown }).data) as T;
  }
}
