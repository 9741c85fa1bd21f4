import type { Damage } from '../mutants/damage.ts';

/** What a transaction of capture carries. */
export const KINDS = ['rows of the stream', 'rows of the table', 'the first checkpoint'] as const;
export type Kind = (typeof KINDS)[number];

/** Said on standard error by a process right before the fault, with its name. */
const FAULT = 'fault:';

/** How the code of `Publisher.#publish` tells them apart. */
const IS: Readonly<Record<Kind, string>> = {
  'rows of the stream': "chunks.length > 0 && !('reconcile' in change)",
  'rows of the table': "chunks.length > 0 && 'reconcile' in change",
  'the first checkpoint': 'chunks.length === 0',
};

export interface Fault {
  readonly name: string;
  /** In which transactions. */
  readonly kind: Kind;
  /** In which of those, from 1: there, and never again in that process. */
  readonly nth: number;
  /** Text that stands once in `Publisher.#publish`. */
  readonly at: string;
  readonly place: 'before' | 'after';
  /** Statements. `say()` tells of the fault, with what it is given. */
  readonly code: string;
}

/** Something that goes wrong at one place of a publisher's transaction. */
export function damaged({ name, kind, nth, at, place, code }: Fault): Damage {
  const statement = `if (${IS[kind]}) {
    globalThis.transactionsSoFar = (globalThis.transactionsSoFar ?? 0) + 1;
    if (globalThis.transactionsSoFar === ${nth}) {
      const say = (more = {}) => process.stderr.write(${JSON.stringify(`${FAULT} ${name}: `)} + JSON.stringify(more) + '\\n');
      ${code}
    }
  }`;
  const replace = place === 'before' ? `${statement}\n${at}` : `${at}\n${statement}`;
  return { name, module: 'services/capture/dist/publisher.js', edits: [{ find: at, replace }] };
}

/**
 * Statements that do something else than write the next EndTxn request: `write()` writes it, and `socket`
 * is where. A socket takes so few bytes at once, so that what is written is on its way.
 */
export function insteadOfEndTxn(code: string): string {
  return `const { createRequire } = process.getBuiltinModule('node:module');
      const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/connection.js');
      const { send } = prototype;
      prototype.send = function (protocol) {
        if (protocol.request.apiName === 'EndTxn') {
          prototype.send = send;
          const { socket } = this;
          const original = socket.write;
          socket.write = (...bytes) => {
            socket.write = original;
            const write = () => original.apply(socket, bytes);
            ${code}
          };
        }
        return send.call(this, protocol);
      };`;
}

/** What a process said right before the fault of that name; null when it did not come to it. */
export function faultOf(output: string, { name }: Damage): Record<string, unknown> | null {
  const begins = `${FAULT} ${name}: `;
  const line = output.split('\n').find((one) => one.startsWith(begins));
  return line === undefined
    ? null
    : (JSON.parse(line.slice(begins.length)) as Record<string, unknown>);
}
