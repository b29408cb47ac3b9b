// Makes a room with two peers and prints what a client needs to join it:
//   JELLYFISH=http://127.0.0.1:5002 JELLYFISH_TOKEN=development node e2e/scripts/two-peers.mjs
const server = process.env.JELLYFISH ?? 'http://127.0.0.1:5002';
const headers = {
  authorization: `Bearer ${process.env.JELLYFISH_TOKEN ?? 'development'}`,
  'content-type': 'application/json',
};

async function post(path, body) {
  const response = await fetch(server + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer.data;
}

const { room } = await post('/room', { maxPeers: 2 });
process.stdout.write(`room ${room.id}\n`);
for (let i = 0; i < 2; i += 1) {
  const { peer, token } = await post(`/room/${room.id}/peer`, { type: 'webrtc', options: {} });
  process.stdout.write(`peer ${peer.id} ${token}\n`);
}
