import Module from 'node:module';

import { applyAll } from './apply.ts';
import type { Damage } from './damage.ts';

/** What every CommonJS module goes through, and Node's types leave out. */
interface Compiling {
  _compile: (this: unknown, source: string, filename: string, ...more: unknown[]) => unknown;
}

/** Damages what is required, kafkajs above all: on Node 20 the loader's hooks are not asked for that. */
export function hookRequire(damages: readonly Damage[]): void {
  const { prototype } = Module as unknown as { prototype: Compiling };
  const { _compile: compile } = prototype;
  prototype._compile = function compileDamaged(source, filename, ...more) {
    return compile.call(this, applyAll(damages, filename, source), filename, ...more);
  };
}
