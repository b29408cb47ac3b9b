import type { Client } from '@videoroom/client';

/** Calls `show` with the pictures and voices of others, whenever they change. */
export function showPeers(client: Client, show: (streams: readonly MediaStream[]) => void): () => void {
  let before = client.getSnapshot().peers;
  return client.subscribe(() => {
    const { peers } = client.getSnapshot();
    // What did not change is the same object.
    if (peers === before) return;
    before = peers;
    show(peers.flatMap(({ tracks }) => tracks.flatMap(({ stream }) => (stream === null ? [] : [stream]))));
  });
}
