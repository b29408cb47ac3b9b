import { readFileSync } from 'node:fs';

import { fromBinary, fromJson, toBinary, toJson, type JsonValue } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';

import { PeerMessageSchema } from '../src';

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly message: JsonValue;
}

// The Rust types are tested with the same file.
const file = new URL('../../../../crates/protocol/vectors/peer_messages.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[];

describe('PeerMessage', () => {
  it.each(vectors)('reads $name', ({ hex, message }) => {
    expect(toJson(PeerMessageSchema, fromBinary(PeerMessageSchema, Buffer.from(hex, 'hex')))).toEqual(message);
  });

  it.each(vectors)('writes $name', ({ hex, message }) => {
    expect(Buffer.from(toBinary(PeerMessageSchema, fromJson(PeerMessageSchema, message))).toString('hex')).toBe(hex);
  });

  it('skips fields that it does not know', () => {
    const message = fromBinary(PeerMessageSchema, Buffer.from('fa0603010203', 'hex'));
    expect(message.content.case).toBeUndefined();
  });
});
