/**
 * Reads datums that this process has encoded itself, field by field: unlike `DatumWalker`, which is
 * for what comes from elsewhere, it checks nothing.
 */
export class AvroReader {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;

  /** The branch of a union of null and something else. */
  isPresent(): boolean {
    return this.bytes[this.at++] !== 0;
  }

  /** Zigzag varint of a safe integer, without BigInt. */
  long(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    const sign = byte & 1;
    // The sign's bit is left out at once: twice a safe integer is not always exact.
    let magnitude = (byte & 0x7f) >> 1;
    for (let scale = 64; byte > 0x7f; scale *= 128) {
      byte = bytes[this.at++]!;
      magnitude += (byte & 0x7f) * scale;
    }
    return sign === 1 ? -magnitude - 1 : magnitude;
  }

  double(): number {
    this.at += 8;
    return this.bytes.readDoubleLE(this.at - 8);
  }

  boolean(): boolean {
    return this.bytes[this.at++] === 1;
  }

  string(): string {
    const length = this.long();
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  skipString(): void {
    const length = this.long();
    this.at += length;
  }
}
