import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A cable between a browser and a server's TCP port, which a test can cut. */
export class TcpProxy {
  private readonly pairs = new Set<Pair>();

  private constructor(
    private readonly server: Server,
    private readonly port: number,
    private readonly target: number,
  ) {}

  /** @param target - the server's port on the loopback address */
  static async start(target: number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP listener has a port');
    const proxy = new TcpProxy(server, address.port, target);
    server.on('connection', (near) => proxy.join(near));
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Breaks all connections on both sides, without a word. New ones work. */
  cut(): void {
    for (const { near, far } of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    this.pairs.clear();
  }

  /** From now on nothing passes on the connections that exist, and nobody is told. New ones work. */
  fallSilent(): void {
    for (const { near, far } of this.pairs) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
  }

  async stop(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private join(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    const pair = { near, far };
    this.pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    const end = (): void => {
      this.pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    // What a browser aborts ends as an error, too.
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  }
}
