import { appendFileSync, readFileSync } from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';

import { FIRED, type Order, ORDERS, SPOILT_DISK } from './spoilt-disk.ts';

/*
 * Preloaded (`--import`) into a process of a sink whose file system its test wants to spoil: see
 * spoilt-disk.ts. Orders are read at each call, so that they can change while it runs.
 */

type Write = (bytes: Buffer, from: number, length: number, at: number) => Promise<unknown>;

const folder = process.env[SPOILT_DISK] ?? '';
const { link, open } = promises;
const POLL_MS = 20;

function standing(): Order | null {
  const text = readFileSync(`${folder}/${ORDERS}`, 'utf8');
  // It is just being written.
  return text === '' ? null : (JSON.parse(text) as Order | null);
}

/** The order, when it is for this call and has not been followed as often as it is to be. */
function orderFor(call: Order['call'], path: string): Order | null {
  const order = standing();
  if (order === null || order.call !== call || !path.endsWith(order.suffix)) return null;
  if (order.times === null) return order;
  const followed = readFileSync(`${folder}/${FIRED}`, 'utf8').split('\n');
  const times = followed.filter((line) => line.startsWith(`${order.number} `)).length;
  return times < order.times ? order : null;
}

function say({ number, name, call }: Order, path: string): void {
  appendFileSync(`${folder}/${FIRED}`, `${number} ${name}: ${call} ${path}\n`);
}

async function follow(order: Order, path: string): Promise<void> {
  const { outcome, call } = order;
  say(order, path);
  if (outcome === 'hang') await new Promise(() => {});
  if (outcome === 'wait') {
    while (standing() !== null) await delay(POLL_MS);
    return;
  }
  throw Object.assign(new Error(`${outcome}: ${call} '${path}'`), { code: outcome, syscall: call });
}

async function spoiltLink(from: string, to: string): Promise<void> {
  const order = orderFor('link', to);
  if (order?.isDone) await link(from, to);
  if (order !== null) await follow(order, to);
  if (!order?.isDone) await link(from, to);
}

async function spoiltOpen(
  path: string,
  flags: string | number = 'r',
  mode?: number,
): Promise<FileHandle> {
  if (flags === 'r') return open(path, flags, mode);
  const order = orderFor('open', path);
  if (order !== null) {
    say(order, path);
    return open('/dev/full', 'r+');
  }
  const handle = await open(path, flags, mode);
  const write = handle.write.bind(handle) as Write;
  const spoiltWrite: Write = async (bytes, from, length, at) => {
    const halved = orderFor('write', path);
    if (halved === null) return write(bytes, from, length, at);
    const done = await write(bytes, from, length >> 1, at);
    await follow(halved, path);
    return done;
  };
  return Object.assign(handle, { write: spoiltWrite });
}

Object.assign(promises, { link: spoiltLink, open: spoiltOpen });
syncBuiltinESMExports();
