/** Runs asynchronous tasks one after the other until one fails or the queue is closed. */
export class TaskQueue {
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param onFailure - what a task threw; nothing runs after that */
  constructor(private readonly onFailure: (error: unknown) => void) {}

  push(task: () => Promise<void>): void {
    this.#last = this.#last.then(async () => {
      if (this.#closed) return;
      try {
        await task();
      } catch (error) {
        if (this.closed) return;
        this.close();
        this.onFailure(error);
      }
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Drops what has not started. The failure of a task that runs is not reported any more. */
  close(): void {
    this.#closed = true;
  }
}
