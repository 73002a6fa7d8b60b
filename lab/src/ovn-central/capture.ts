import { open } from 'node:fs/promises';

const fileHeader = 24;
const recordHeader = 16;

/** Frames that a dummy interface sent, from the pcap file that Open vSwitch writes them to. Each is read once. */
export class Capture {
  private offset = fileHeader;

  constructor(private readonly path: string) {}

  /** Those since the last reading; one that is not wholly written yet comes next time. */
  async read(): Promise<Buffer[]> {
    const file = await open(this.path, 'r');
    try {
      const { size } = await file.stat();
      if (size <= this.offset) return [];
      const { buffer } = await file.read(Buffer.alloc(size - this.offset), 0, size - this.offset, this.offset);
      const frames: Buffer[] = [];
      let at = 0;
      while (at + recordHeader <= buffer.length) {
        // Written in the byte order of the machine that we both run on: little-endian on all that Debian builds OVN for.
        const end = at + recordHeader + buffer.readUInt32LE(at + 8);
        if (end > buffer.length) break;
        frames.push(buffer.subarray(at + recordHeader, end));
        at = end;
      }
      this.offset += at;
      return frames;
    } finally {
      await file.close();
    }
  }
}
