import type { BinlogPosition } from '@scoreline/ledger';
import { type Block, readRowsHeader } from '@scoreline/schema';

import { plainRows } from './event-codes.ts';
import { eventTimeMs, HEADER_BYTES } from './event-layout.ts';
import type { GroupRules } from './group-rules.ts';
import { inflateBody } from './inflate-body.ts';
import { ReaderError } from './reader-error.ts';
import type { ReaderPlace } from './reader-place.ts';
import type { RowCollector } from './row-collector.ts';
import type { CapturedTable, TableMaps, TableRole } from './table-maps.ts';

const NOWHERE: BinlogPosition = { file: '', offset: 0 };

export interface RowEventsParts {
  readonly maps: TableMaps;
  readonly collector: RowCollector;
  readonly rules: GroupRules;
  readonly place: ReaderPlace;
  readonly maxGroupBytes: number;
  /** Rows of a group that is still open may go out. */
  readonly parted: () => void;
}

/** Rows events: whose rows they have, and the captured table's own as records of the group at hand. */
export class RowEvents {
  readonly #parts: RowEventsParts;
  /** Since the start; rows that were rolled back later included. */
  read = 0;

  constructor(parts: RowEventsParts) {
    this.#parts = parts;
  }

  /** Whose rows those of an event are. */
  role(event: Buffer, body: number): TableRole {
    const tableId = event.readUInt32LE(body) + event.readUInt16LE(body + 4) * 0x1_0000_0000;
    const role = this.#parts.maps.role(tableId);
    if (role === undefined) throw ReaderError.unknownTable(tableId);
    return role;
  }

  write(event: Buffer, at: number, stop: number, type: number): void {
    const { collector, rules, place, maxGroupBytes, parted } = this.#parts;
    const body = at + HEADER_BYTES;
    const role = this.role(event, body);
    if (role === 'other') return;
    const plain = plainRows(type);
    const header = readRowsHeader(event, body, plain);
    if (header.columns !== role.columns || !header.allPresent) throw ReaderError.partialImage();
    const block = collector.block();
    const { rows, byteLength } = block;
    const from = header.rowsStart;
    if (plain === type) encodeRows(role, event, from, stop, block);
    else {
      const images = inflateBody(event, from, stop);
      encodeRows(role, images, 0, images.length, block);
    }
    const added = block.rows - rows;
    this.read += added;
    const where = rules.replaying ? place.end : NOWHERE;
    if (!rules.rows(added, where)) {
      block.truncate(rows);
      return;
    }
    collector.added(added, block.byteLength - byteLength);
    if (collector.groupBytes >= maxGroupBytes) {
      rules.part(place.end);
      collector.end(eventTimeMs(event, at));
      parted();
    }
  }
}

function encodeRows(
  { encoder }: CapturedTable,
  images: Buffer,
  from: number,
  stop: number,
  block: Block,
): void {
  for (let row = from; row < stop;) row = encoder.encode(images, row, stop, block);
}
