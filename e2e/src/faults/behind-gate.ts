import { Gate } from '../harness/gate.ts';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

/** A fault of the way to the registry. */
export function behindGate(
  fault: Pick<Fault, 'name' | 'outcome'>,
  cause: (scene: Scene, gate: Gate) => Promise<string>,
): Fault {
  const gates = new WeakMap<Scene, Gate>();
  return {
    ...fault,
    stage: async (scene) => {
      const gate = await Gate.create(scene.pipeline.need('SCHEMA_REGISTRY_URL'));
      scene.t.after(() => gate.shut());
      gates.set(scene, gate);
      return { SCHEMA_REGISTRY_URL: gate.url };
    },
    cause: async (scene) => {
      const gate = gates.get(scene);
      if (gate === undefined) throw new Error('capture was not started behind the gate');
      return cause(scene, gate);
    },
  };
}

/** Shuts the gate, and says what whoever asks behind it gets. */
export async function shut(gate: Gate): Promise<string> {
  await gate.shut();
  const refused = await fetch(gate.url).then(
    () => null,
    (error: Error) => (error.cause as { code?: string } | undefined)?.code ?? error.message,
  );
  if (refused === null) throw new Error(`${gate.url} still answers`);
  return `the registry: ${refused}`;
}
