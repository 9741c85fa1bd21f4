import type { Scratch } from '../spool.ts';

/** A disk of bounded size, in memory, on which a spool keeps its files. */
export class MemoryDisk {
  capacityBytes: number;
  usedBytes = 0;
  openFiles = 0;
  refusals = 0;
  mostBytes = 0;

  constructor(capacityBytes = Number.POSITIVE_INFINITY) {
    this.capacityBytes = capacityBytes;
  }

  async open(): Promise<Scratch> {
    let bytes = Buffer.alloc(0);
    this.openFiles++;
    return {
      get bytes() {
        return bytes.length;
      },
      append: async (parts) => {
        const block = Buffer.concat(parts);
        await new Promise((resolve) => setImmediate(resolve));
        if (this.usedBytes + block.length > this.capacityBytes) {
          this.refusals++;
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        }
        this.usedBytes += block.length;
        this.mostBytes = Math.max(this.mostBytes, this.usedBytes);
        bytes = Buffer.concat([bytes, block]);
      },
      read: async (target, position) => {
        await new Promise((resolve) => setImmediate(resolve));
        target.set(bytes.subarray(position, position + target.length));
      },
      damaged: () => {
        throw new Error('damaged');
      },
      close: async () => {
        this.openFiles--;
        this.usedBytes -= bytes.length;
      },
    };
  }
}
