import { fromBinary, fromJson, toBinary, toJson, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { PeerMessageSchema } from '@videoroom/protocol';

/** A web socket whose other end is the test. */
export class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer | string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  binaryType = 'blob';
  readyState = 0;
  /** The code that this side closed with. */
  closedWith: number | undefined;
  /** What the client said, in protobuf's JSON form. */
  readonly sent: JsonObject[] = [];

  constructor(readonly url: string) {}

  send(bytes: Uint8Array): void {
    this.sent.push(toJson(PeerMessageSchema, fromBinary(PeerMessageSchema, bytes)) as JsonObject);
  }

  close(code: number): void {
    this.closedWith = code;
    this.readyState = 3;
  }

  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  says(message: JsonValue): void {
    const bytes = toBinary(PeerMessageSchema, fromJson(PeerMessageSchema, message));
    this.onmessage?.({ data: new Uint8Array(bytes).buffer });
  }

  saysBytes(...bytes: number[]): void {
    this.onmessage?.({ data: new Uint8Array(bytes).buffer });
  }

  /** The server or the network closes it. */
  drops(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** What the client said in media events, the names of the events in order. */
  get said(): readonly string[] {
    return this.sent.map((message) => Object.keys((message['peerMediaEvent'] ?? message) as JsonObject)[0] ?? '');
  }

  /** All media events of one name. */
  events(name: string): readonly JsonObject[] {
    return this.sent.flatMap((message) => {
      const events = (message['peerMediaEvent'] ?? {}) as Record<string, JsonObject>;
      const event = events[name];
      return event === undefined ? [] : [event];
    });
  }
}
