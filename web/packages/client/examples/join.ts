import { connect } from '@videoroom/client';

const client = connect({
  // Asked at the start, and again whenever the old token is no longer good.
  getToken: async () => {
    const response = await fetch('/api/rooms/standup/join', { method: 'POST', body: JSON.stringify({ name: 'Ana' }) });
    if (!response.ok) throw new Error(`no token: ${response.status}`);
    return (await response.json()) as { url: string; token: string };
  },
  metadata: { displayName: 'Ana' },
});

const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
for (const track of media.getTracks()) {
  const type = track.kind === 'audio' ? 'microphone' : 'camera';
  client.publish(track, { metadata: { type, paused: false }, maxBitrate: track.kind === 'audio' ? 48_000 : 600_000 });
}
