import type { Patch } from '../patch.ts';

/** A bug, and the tests of the ordinary suite that must see it. */
export interface Plant {
  /** What a careless hand did. */
  name: string;
  patch: Patch;
  /** The cheapest file whose tests catch it. */
  file: string;
  /** By full name, each with what it must say. */
  caughtBy: Readonly<Record<string, RegExp>>;
  /** Why what it comes to hangs on who is first. Any assertion of these tests that fails does as well then. */
  race?: string;
  /** Tests of the same file that do not notice: they show that it was not simply broken. */
  unmoved: readonly string[];
}
