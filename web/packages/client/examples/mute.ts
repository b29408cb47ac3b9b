import type { Client } from '@videoroom/client';

/** Turns a published camera off, its light included, and on again. Needs no negotiation. */
export async function toggleCamera(client: Client, handle: string, camera: MediaStreamTrack | null): Promise<void> {
  if (camera !== null) {
    await client.setPaused(handle, true);
    camera.stop();
  } else {
    const media = await navigator.mediaDevices.getUserMedia({ video: true });
    await client.setPaused(handle, false, media.getVideoTracks()[0]);
  }
}
