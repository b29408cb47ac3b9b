import { FakeTrack } from './media';

export class FakeSender {
  /** Level that statistics report; undefined in browsers that report none. */
  level: number | undefined = 0;
  parameters: RTCRtpSendParameters;
  streamsSet = 0;
  readonly transport: { readonly state: RTCDtlsTransportState } | null = null;

  constructor(
    public track: MediaStreamTrack | null,
    encodings: RTCRtpEncodingParameters[],
  ) {
    this.parameters = { encodings, transactionId: '', codecs: [], headerExtensions: [], rtcp: {} };
  }

  replaceTrack(next: MediaStreamTrack | null): Promise<void> {
    this.track = next;
    return Promise.resolve();
  }

  setStreams(): void {
    this.streamsSet++;
  }

  getParameters(): RTCRtpSendParameters {
    return structuredClone(this.parameters);
  }

  setParameters(parameters: RTCRtpSendParameters): Promise<void> {
    this.parameters = parameters;
    return Promise.resolve();
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(
      new Map([['source', { type: 'media-source', ...(this.level === undefined ? {} : { audioLevel: this.level }) }]]),
    );
  }
}

export class FakeTransceiver {
  mid: string | null = null;
  streams: readonly MediaStream[] = [];
  currentDirection: RTCRtpTransceiverDirection | null = null;
  readonly sender: FakeSender;
  readonly receiver: { readonly track: FakeTrack };

  constructor(
    kind: 'audio' | 'video',
    sent: MediaStreamTrack | null,
    public direction: RTCRtpTransceiverDirection,
    encodings: RTCRtpEncodingParameters[],
  ) {
    this.sender = new FakeSender(sent, encodings);
    this.receiver = { track: new FakeTrack(kind) };
  }
}

/** A peer connection that follows the signalling states of the browser's own (W3C WebRTC 4.3.1). */
export class FakePeerConnection {
  onicecandidate: ((event: { candidate: RTCIceCandidate | null }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  signalingState: RTCSignalingState = 'stable';
  connectionState: RTCPeerConnectionState = 'new';
  iceConnectionState: RTCIceConnectionState = 'new';
  iceGatheringState: RTCIceGatheringState = 'complete';
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  readonly transceivers: FakeTransceiver[] = [];
  readonly candidates: RTCIceCandidateInit[] = [];
  /** What statistics say. */
  stats: readonly { readonly id: string; readonly [key: string]: unknown }[] = [];
  /** Offers with new ICE credentials. */
  restarts = 0;
  /** Makes the next answer fail. */
  refuseAnswer = false;

  constructor(readonly config: RTCConfiguration) {}

  addTransceiver(what: MediaStreamTrack | 'audio' | 'video', init: RTCRtpTransceiverInit): FakeTransceiver {
    const kind = typeof what === 'string' ? what : (what.kind as 'audio' | 'video');
    const sent = typeof what === 'string' ? null : what;
    const transceiver = new FakeTransceiver(kind, sent, init.direction ?? 'sendrecv', init.sendEncodings ?? []);
    transceiver.streams = init.streams ?? [];
    this.transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers(): readonly FakeTransceiver[] {
    return this.transceivers;
  }

  createOffer({ iceRestart = false }: RTCOfferOptions = {}): Promise<RTCSessionDescriptionInit> {
    if (iceRestart) this.restarts++;
    const sdp = this.transceivers.map(({ direction, receiver }) => `${receiver.track.kind} ${direction}`).join(', ');
    return Promise.resolve({ type: 'offer', sdp });
  }

  async setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    this.transceivers.forEach((transceiver, i) => (transceiver.mid = String(i)));
    this.localDescription = description;
    this.signalingState = 'have-local-offer';
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    if (this.signalingState !== 'have-local-offer') throw new Error('wrong state');
    if (this.refuseAnswer) throw new Error('this answer fits nothing');
    this.signalingState = 'stable';
    for (const transceiver of this.transceivers) transceiver.currentDirection = transceiver.direction;
    this.remoteDescription = description;
  }

  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (candidate.candidate === 'bad') return Promise.reject(new Error('bad candidate'));
    this.candidates.push(candidate);
    return Promise.resolve();
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map(this.stats.map((stats) => [stats.id, stats])));
  }

  close(): void {
    this.connectionState = 'closed';
    this.signalingState = 'closed';
  }

  /** The transport changes its state. */
  becomes(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}
