import type { Client } from '@videoroom/client';

/** One line about the connection; null when there is nothing to say. */
export async function trouble(client: Client): Promise<string | null> {
  const { status, media, error } = client.getSnapshot();
  if (status === 'closed') return error === null ? 'left' : `ended: ${error.code}`;
  if (media === 'blocked') {
    const { remoteCandidates, suspect } = await client.diagnose();
    const tried = remoteCandidates.map(({ address, port, protocol }) => `${address}:${port} over ${protocol}`);
    return `nothing gets through to ${tried.join(', ')} (${suspect}); client.retry() tries again`;
  }
  return status === 'reconnecting' || media === 'interrupted' ? 'reconnecting' : null;
}
