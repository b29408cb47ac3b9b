/**
 * Init script: spoils the first offer that the page sends, so that two video codecs share one payload type. The edit
 * keeps every length, hence works on the bytes of the message whatever the client that made it.
 * Self-contained, because it is serialised into the page.
 */
export function spoilFirstOffer(): void {
  // Survives reloads: one bad offer per browser tab.
  const done = 'e2e-offer-spoilt';
  const spoil = (bytes: Uint8Array): boolean => {
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    const mappings = [...text.matchAll(/a=rtpmap:(\d+) (?:VP8|VP9|H264|AV1)\/90000/g)].map((match) => ({
      at: match.index + 'a=rtpmap:'.length,
      type: match[1] ?? '',
    }));
    const [first] = mappings;
    const second = mappings.find(({ type }) => type !== first?.type && type.length === first?.type.length);
    if (first === undefined || second === undefined) return false;
    for (let i = 0; i < first.type.length; i += 1) bytes[second.at + i] = first.type.charCodeAt(i);
    return true;
  };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the socket as `this` below
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (this: WebSocket, data: Parameters<typeof send>[0]) {
    if (sessionStorage.getItem(done) !== null || typeof data === 'string' || data instanceof Blob) {
      send.call(this, data);
      return;
    }
    const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
    const bytes = new Uint8Array(view.byteLength);
    bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    if (spoil(bytes)) sessionStorage.setItem(done, 'yes');
    send.call(this, bytes);
  };
}
