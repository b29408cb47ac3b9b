import type { MediaEdges } from './edges';
import { listDevices, type DeviceLists } from './lists';

/** Longer leaves somebody silent after unplugging, shorter mistakes a slow system for a page without focus. */
const LIST_PATIENCE_MS = 800;

export interface ListWatchOptions {
  readonly edges: Pick<MediaEdges, 'mediaDevices'>;
  /** The lists as they were read last. */
  readonly current: () => DeviceLists;
  /** Called with what was read, each time. */
  readonly onRead: (lists: DeviceLists) => void;
  /** Something was plugged in or pulled out. */
  readonly onPlugging: (before: DeviceLists, now: DeviceLists) => void;
}

/** Reads which devices there are: when told to, and when the browser says that something was plugged in or out. */
export class ListWatch {
  constructor(private readonly options: ListWatchOptions) {}

  start(): void {
    this.options.edges.mediaDevices?.addEventListener('devicechange', this.onDeviceChange);
  }

  stop(): void {
    this.options.edges.mediaDevices?.removeEventListener('devicechange', this.onDeviceChange);
  }

  async read(): Promise<DeviceLists> {
    // A browser that refuses to list them has none to choose from; those in use go on.
    const devices = (await this.options.edges.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const lists = listDevices(devices);
    this.options.onRead(lists);
    return lists;
  }

  /**
   * Firefox lists devices only to a page that has the focus, and makes others wait until it comes back: what must go
   * on without it is decided with the list of before.
   */
  readSoon(): Promise<DeviceLists> {
    const patience = new Promise<DeviceLists>((resolve) => {
      setTimeout(() => resolve(this.options.current()), LIST_PATIENCE_MS);
    });
    return Promise.race([this.read(), patience]);
  }

  private readonly onDeviceChange = (): void => {
    const before = this.options.current();
    void this.read().then((now) => this.options.onPlugging(before, now));
  };
}
