import { readFileSync } from 'node:fs';
import type { MoRef } from '../soap/element.ts';
import type { MethodName } from '../soap/methods.ts';
import type { DataObject } from '../soap/value.ts';

/** A call whose body pyVmomi has serialized, too. */
export interface VectorCase {
  method: MethodName;
  self: MoRef;
  args: DataObject;
}

export const vectorsFolder = new URL('../../vectors/', import.meta.url);

const fixture = (name: string): unknown => JSON.parse(readFileSync(new URL(name, vectorsFolder), 'utf8'));
// Both files are ours: written and checked in together with the tests that read them.
export const vectorCases = fixture('cases.json') as VectorCase[];
export const committedBodies = fixture('bodies.json') as string[];
