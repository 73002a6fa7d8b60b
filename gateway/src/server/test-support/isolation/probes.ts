import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roleHolds, type Permission } from '../../../access/permission.ts';
import { requirementOf, signedIn } from '../../../access/requires.ts';
import { openSocket, signedInSocket, type RawSocket } from '../raw-socket.ts';
import { actors, type Actor } from './actors.ts';
import { cases, type Case } from './cases.ts';
import { providerTexts, readableRows } from './provider-texts.ts';
import { documentOf, missingIds, rootFields, schema, type Root } from './questions.ts';
import { effectsOf, foreignTexts } from './traces.ts';
import { requestId, type Ids, type World } from './world.ts';

/** A world with three tenants is made, and whoever signs in its people is started. */
const openMs = 420_000;

/**
 * Asks every root field as every actor, about its own things, another tenant's and nobody's. The same for every world,
 * whoever signs its people in.
 */
export function probeIsolation(open: () => Promise<World>): void {
  const roots = rootFields(schema);
  let world: World;
  let cells = 0;

  beforeAll(async () => {
    world = await open();
  }, openMs);
  afterAll(async () => {
    process.stdout.write(`Isolation: ${cells} cells over ${roots.length} root fields and ${actors.length} actors.\n`);
    await world?.close();
  }, 60_000);

  const onHttp = roots.filter(({ kind }) => kind !== 'Subscription');

  describe.each(actors)('$name', (actor) => {
    let foreign: string[];
    beforeAll(async () => {
      foreign = await foreignTexts(world, actor.sees);
    });
    const own = () => world.tenants[actor.own].ids;

    const look = (text: string) => {
      cells += 1;
      expect(foreign.filter((word) => text.includes(word))).toEqual([]);
    };

    for (const root of onHttp) {
      for (const one of cases[root.path] ?? []) {
        test(`${root.path} ${one.name}`, async () => {
          const ask = (ids: Ids) => world.ask(actor.who, documentOf(root, one), one.args(ids, own()));
          const before = await effectsOf(world);
          const missing = await ask(missingIds(own()));
          look(missing);
          if (actor.foreign) {
            const answer = await ask(world.tenants[actor.foreign].ids);
            look(answer);
            expectSame(one, answer, missing);
          }
          const may = mayAsk(actor, root, one);
          // Whoever may change its own things does so at the end, when nobody looks at them any more.
          if (root.kind === 'Query' || !may) {
            const answer = await ask(own());
            look(answer);
            expectOwn(answer, { world, actor, root, one, may, missing });
          }
          expect(await effectsOf(world)).toBe(before);
        });
      }
    }

    describe('over a socket', () => {
      const subscriptions = roots.filter(({ kind }) => kind === 'Subscription');

      if (actor.who === undefined) {
        test('is sent away', async () => {
          const raw = await openSocket(world.url);
          raw.send({ type: 'connection_init' });
          expect((await raw.closed).code).toBe(4403);
          cells += 1;
        });
        return;
      }
      const { who } = actor;
      let raw: RawSocket;
      beforeAll(async () => {
        raw = await signedInSocket(world.url, await world.token(who), { headers: { 'x-request-id': requestId } });
      });
      afterAll(() => raw.socket.terminate());
      let ids = 0;

      for (const root of subscriptions) {
        for (const one of cases[root.path] ?? []) {
          test(`${root.path} ${one.name}`, async () => {
            const first = async (about: Ids) => {
              const id = String((ids += 1));
              raw.subscribe(id, documentOf(root, one), one.args(about, own()));
              const frame = await raw.frame((candidate) => candidate.id === id && candidate.type !== 'complete');
              raw.send({ id, type: 'complete' });
              const { id: _id, ...rest } = frame;
              return JSON.stringify(rest);
            };
            const before = await effectsOf(world);
            const missing = await first(missingIds(own()));
            look(missing);
            if (actor.foreign) {
              const answer = await first(world.tenants[actor.foreign].ids);
              look(answer);
              expectSame(one, answer, missing);
            }
            const answer = await first(own());
            look(answer);
            expectOwn(answer, { world, actor, root, one, may: mayAsk(actor, root, one), missing });
            expect(await effectsOf(world)).toBe(before);
          });
        }
      }
    });
  });

  describe('the provider’s administrator', () => {
    for (const root of onHttp.filter(({ kind }) => kind === 'Query')) {
      for (const one of cases[root.path] ?? []) {
        test(`${root.path} ${one.name}`, async () => {
          const { ids } = world.tenants.initech;
          const answer = await world.ask('pat', documentOf(root, one), one.args(ids, ids));
          cells += 1;
          if (root.path !== 'Query.me') expect(answer).toContain(one.proof?.(ids) ?? world.tenants.initech.salt);
          expect(answer).not.toContain('"errors"');
        });
      }
    }
  });

  describe('what is the provider’s own', () => {
    let secret: string[];
    beforeAll(async () => {
      secret = await providerTexts(world);
      expect(secret.length).toBeGreaterThan(20);
    });
    const told = (text: string) => secret.filter((word) => text.includes(word));

    test.each(['ada', 'oscar', 'vic', 'bill', 'nora'])('is in nothing that %s can ask for', async (who) => {
      const { ids } = world.tenants.acme;
      for (const root of onHttp.filter(({ kind }) => kind === 'Query')) {
        for (const one of cases[root.path] ?? []) {
          cells += 1;
          expect([root.path, told(await world.ask(who, documentOf(root, one), one.args(ids, ids)))]).toEqual([
            root.path,
            [],
          ]);
        }
      }
    });

    test('is in no row that a tenant’s login could read', async () => {
      const rows = await readableRows(world);
      expect(rows.size).toBeGreaterThan(10);
      expect([...rows].map(([name, text]) => [name, told(text)]).filter(([, words]) => words?.length)).toEqual([]);
    });
  });

  // Last: it changes things.
  describe('the positive control of mutations', () => {
    for (const root of onHttp.filter(({ kind }) => kind === 'Mutation')) {
      for (const one of cases[root.path] ?? []) {
        test(`${root.path} ${one.name}: its own admin is heard`, async () => {
          const { ids } = world.tenants.globex;
          const answer = await world.ask('gus', documentOf(root, one), one.args(ids, ids));
          cells += 1;
          expect(answer).not.toContain('"errors"');
          expect(answer).not.toContain('NOT_FOUND');
          expect(answer).not.toContain('NETWORK_NOT_OWNED');
        });
      }
    }
  });
}

/** Byte for byte; but what holds the caller's own things holds their ages as well, and those grow. */
function expectSame({ listsOwn }: Case, answer: string, missing: string): void {
  if (!listsOwn) expect(answer).toBe(missing);
}

function mayAsk({ role, isMember = false }: Actor, { field }: Root, { needs }: Case): boolean {
  const requirement = needs ?? requirementOf(field);
  if (role === undefined || requirement === undefined) return false;
  return requirement === signedIn || roleHolds(role, requirement satisfies Permission, isMember);
}

interface Expected {
  world: World;
  actor: Actor;
  root: Root;
  one: Case;
  may: boolean;
  missing: string;
}

/** What an actor must get for its own tenant's things: all of it, or the refusal that its role deserves. */
function expectOwn(answer: string, { world, actor, root, one, may, missing }: Expected): void {
  const { ids, salt } = world.tenants[actor.own];
  if (actor.who === undefined) {
    expect(answer).toContain('"code":"UNAUTHENTICATED"');
    expect(answer).not.toContain('"data"');
  } else if (may) {
    expect(answer).not.toContain('"errors"');
    expect(answer).toContain(one.proof?.(ids) ?? salt);
  } else if (one.needs !== undefined) {
    // The field is open to everybody; the object is not there for this role.
    expect(answer).not.toContain('"errors"');
    expectSame(one, answer, missing);
  } else if (root.kind === 'Query' || root.kind === 'Subscription') {
    // Held nowhere: refused. Held elsewhere: there is nothing of this tenant to see.
    expectSame(one, answer, missing);
  } else {
    expect(answer).toContain('"code":"FORBIDDEN"');
  }
}
