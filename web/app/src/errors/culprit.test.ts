import type { Candidate, Diagnosis, Suspect } from '@videoroom/client';
import { describe, expect, it } from 'vitest';
import { hostOf, isThisComputer, reachOf, type Reach } from './addresses';
import { culprit, describeDiagnosis, tried, type Culprit } from './culprit';

const at = (address: string | null, port = 50_000, protocol: 'udp' | 'tcp' = 'udp'): Candidate => ({
  address,
  port,
  protocol,
  type: 'host',
});

const diagnosis = (suspect: Suspect | null, host: string, ...addresses: string[]): Diagnosis => ({
  media: 'blocked',
  waitedMs: 9_400,
  failedSessions: 1,
  signalling: { host, secure: true, connected: true },
  transport: { connection: 'connecting', ice: 'checking', gathering: 'complete', dtls: 'new' },
  remoteCandidates: addresses.map((address) => at(address)),
  localCandidates: [],
  pairs: [],
  suspect,
});

describe('culprit', () => {
  it.each<[string, Diagnosis, boolean, Culprit]>([
    [
      'a container behind a public name',
      diagnosis('private_address', 'meet.example', '172.17.0.2'),
      false,
      'container_address',
    ],
    [
      'a container in the house',
      diagnosis('private_address', '192.168.1.5:8080', '172.18.0.3'),
      true,
      'container_address',
    ],
    [
      'Docker Desktop on this computer',
      diagnosis('no_reply', 'localhost:8080', '172.17.0.2'),
      false,
      'container_address',
    ],
    [
      'a private address from outside',
      diagnosis('private_address', 'meet.example', '192.168.1.5'),
      false,
      'private_address',
    ],
    [
      'one of two is no container',
      diagnosis('private_address', '203.0.113.7', '172.17.0.2', '10.0.0.5'),
      false,
      'private_address',
    ],
    [
      'a server in another private network',
      diagnosis('private_address', '10.8.0.1', '192.168.1.5'),
      false,
      'other_network',
    ],
    ['a closed port in the house', diagnosis('no_reply', '192.168.1.5:8080', '192.168.1.5'), false, 'server_firewall'],
    ['a closed port on this computer', diagnosis('no_reply', 'localhost:8080', '192.168.1.5'), true, 'server_firewall'],
    ['a closed port somewhere', diagnosis('no_reply', 'meet.example', '203.0.113.7'), false, 'no_reply'],
    ['a closed port for this one only', diagnosis('no_reply', 'meet.example', '203.0.113.7'), true, 'network_blocks'],
    ['no address', diagnosis('no_server_address', 'meet.example'), false, 'no_server_address'],
    [
      'a browser that keeps everything in',
      diagnosis('no_local_address', 'meet.example', '203.0.113.7'),
      false,
      'no_local_address',
    ],
    ['a middlebox', diagnosis('handshake', 'meet.example', '203.0.113.7'), true, 'handshake'],
    ['nothing that stands out', diagnosis(null, 'meet.example', '203.0.113.7'), false, 'unknown'],
  ])('%s', (_, facts, othersAreIn, cause) => {
    expect(culprit(facts, othersAreIn)).toBe(cause);
  });
});

it.each<[string, Reach]>([
  ['172.17.0.2', 'container'],
  ['10.88.0.4', 'container'],
  ['172.16.4.4', 'private'],
  ['192.168.178.20', 'private'],
  ['100.64.0.1', 'private'],
  ['fd00::5', 'private'],
  ['fe80::1', 'private'],
  ['::1', 'private'],
  ['localhost', 'private'],
  ['nas.local', 'private'],
  ['172.32.0.1', 'public'],
  ['100.128.0.1', 'public'],
  ['2001:db8::1', 'public'],
  ['meet.example', 'public'],
])('%s is %s', (host, reach) => {
  expect(reachOf(host)).toBe(reach);
});

it.each([
  ['meet.example:8080', 'meet.example', false],
  ['[::1]:8080', '::1', true],
  ['[::1]', '::1', true],
  ['127.0.0.1:80', '127.0.0.1', true],
  ['a.localhost', 'a.localhost', true],
])('%s names %s', (hostAndPort, host, own) => {
  expect(hostOf(hostAndPort)).toBe(host);
  expect(isThisComputer(host)).toBe(own);
});

describe('tried', () => {
  it.each<[readonly Candidate[], string]>([
    [[], ''],
    [[at('192.0.2.7')], '192.0.2.7, port 50000, over UDP'],
    [[at('192.0.2.7'), at('192.0.2.7'), at('10.0.0.5')], '192.0.2.7 and 10.0.0.5, port 50000, over UDP'],
    [
      ['1', '2', '3', '4', '5'].map((last) => at(`192.0.2.${last}`)),
      '192.0.2.1, 192.0.2.2, 192.0.2.3 and 2 more, port 50000, over UDP',
    ],
    [[at('192.0.2.7'), at('192.0.2.7', 443, 'tcp')], '192.0.2.7, port 50000, over UDP; 192.0.2.7, port 443, over TCP'],
  ])('%j', (remoteCandidates, words) => {
    expect(tried({ ...diagnosis('no_reply', 'h'), remoteCandidates })).toBe(words);
  });
});

it('details say what was tried, and nothing about who tried', () => {
  const local = at('198.51.100.23', 61_000);
  const hidden = at('8f3c.local', 61_001);
  const facts: Diagnosis = {
    ...diagnosis('no_reply', 'meet.example', '203.0.113.7'),
    localCandidates: [local, hidden],
    pairs: [
      {
        local,
        remote: at('203.0.113.7'),
        state: 'in-progress',
        nominated: false,
        requestsSent: 12,
        responsesReceived: 0,
        bytesSent: 0,
        bytesReceived: 0,
      },
    ],
  };
  expect(describeDiagnosis(facts, 'no_reply').split('\n')).toEqual([
    'media: blocked, 9 s, 1 sessions in vain',
    'cause: no_reply',
    'signalling: wss meet.example up',
    'connection: connecting, ICE checking, gathering complete, DTLS new',
    'server: udp 203.0.113.7 port 50000',
    'browser: udp host public IPv4 address',
    'browser: udp host hidden address',
    'way: udp host public IPv4 address to udp 203.0.113.7 port 50000: in-progress, 12 checks sent, 0 answered',
  ]);
});
