import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that systems choose by themselves: one of those may be a browser's by the time a server that was killed
 * wants it back.
 */
const FIRST = 20_000;
const COUNT = 10_000;
/** Runs that share a network begin at different places. */
let next = Math.floor(Math.random() * COUNT);

/** A TCP port of the loopback address that nobody holds, and that no other call in this process gives. */
export function freeTcpPort(): Promise<number> {
  return freePort(async (port) => {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  });
}

/** A UDP port that nobody holds, and that no other call in this process gives. */
export function freeUdpPort(): Promise<number> {
  return freePort(async (port) => {
    const socket = createSocket('udp4').bind(port);
    await once(socket, 'listening');
    socket.close();
    await once(socket, 'close');
  });
}

/** @param hold - takes the port and lets it go again; fails when somebody has it */
async function freePort(hold: (port: number) => Promise<void>): Promise<number> {
  for (let attempt = 0; attempt < COUNT; attempt += 1) {
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    try {
      await hold(port);
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(`all ports from ${FIRST} to ${FIRST + COUNT - 1} are taken`);
}
