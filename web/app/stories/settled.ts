/** Resolves when nothing on the page is on its way any more. Endless motion, such as a spinner, does not count. */
export async function settled(): Promise<void> {
  await twoFrames();
  await document.fonts.ready;
  await Promise.all(Array.from(document.querySelectorAll('video'), firstFrame));
  await twoFrames();
  const finite = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
  // An animation that is cut short by the next one rejects.
  await Promise.allSettled(finite.map(({ finished }) => finished));
}

/** Rendering follows layout, and effects of the first may draw again: the second frame has all of it. */
async function twoFrames(): Promise<void> {
  await frame();
  await frame();
}

function frame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}

/** A picture that is taken away while it is waited for never has one. */
async function firstFrame(video: HTMLVideoElement): Promise<void> {
  while (video.isConnected && video.srcObject !== null && video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
    await frame();
  }
}
