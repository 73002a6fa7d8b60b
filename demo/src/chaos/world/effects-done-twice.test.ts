import type { JournalEntry } from '@bulkhead/lab';
import { expect, test } from 'vitest';
import { effectsDoneTwice } from './effects-done-twice.ts';

type Done = [call: string, about: string, rest?: Partial<JournalEntry>];

function journal(...done: Done[]): JournalEntry[] {
  return done.map(([call, about, rest], index) => ({
    sequence: index + 1,
    at: new Date(0),
    backend: 'vcenter',
    instance: 'vc',
    call,
    about,
    principal: 'svc-bulkhead',
    changed: true,
    ...rest,
  }));
}

const put = { detail: { removed: [] } };
const take = { detail: { removed: ['Logical_Switch_Port'] } };
const snapshot = (name: string) => ({ detail: { snapshot: name } });

test.each<[string, Done[], string[]]>([
  ['one effect', [['CloneVM_Task', 'a']], []],
  [
    'the same effect twice',
    [
      ['CloneVM_Task', 'a'],
      ['CloneVM_Task', 'a'],
    ],
    ['vcenter vc CloneVM_Task a ×2'],
  ],
  [
    'three times',
    [
      ['CreateUser', 'a'],
      ['CreateUser', 'a'],
      ['CreateUser', 'a'],
    ],
    ['vcenter vc CreateUser a ×3'],
  ],
  [
    'two effects of a kind',
    [
      ['CloneVM_Task', 'a'],
      ['CloneVM_Task', 'b'],
    ],
    [],
  ],
  [
    'two places',
    [
      ['CloneVM_Task', 'a'],
      ['CloneVM_Task', 'a', { instance: 'other' }],
    ],
    [],
  ],
  [
    'one that changed nothing',
    [
      ['CloneVM_Task', 'a'],
      ['CloneVM_Task', 'a', { changed: false }],
    ],
    [],
  ],
  [
    'a setting',
    [
      ['ReconfigVM_Task', 'a'],
      ['ReconfigVM_Task', 'a'],
    ],
    [],
  ],
  [
    'the tenant’s own software',
    [
      ['UnregisterVM', 'a'],
      ['UnregisterVM', 'a', { principal: 'bhrep-1' }],
    ],
    [],
  ],
  [
    'sign-ins',
    [
      ['POST /auth/login', ''],
      ['POST /auth/login', ''],
    ],
    [],
  ],
  [
    'an effect that was taken back',
    [
      ['CloneVM_Task', 'a'],
      ['Destroy_Task', 'a'],
      ['CloneVM_Task', 'a'],
    ],
    [],
  ],
  [
    'an effect of which another was taken back',
    [
      ['CloneVM_Task', 'a'],
      ['Destroy_Task', 'b'],
      ['CloneVM_Task', 'a'],
    ],
    ['vcenter vc CloneVM_Task a ×2'],
  ],
  [
    'a lock that was released',
    [
      ['transact', 'p', put],
      ['transact', 'p', take],
      ['transact', 'p', put],
    ],
    [],
  ],
  [
    'a lock that was set twice',
    [
      ['transact', 'p', put],
      ['transact', 'p', put],
    ],
    ['vcenter vc transact put p ×2'],
  ],
  [
    'a mount for each of two runs',
    [
      ['CreateNasDatastore', 'm'],
      ['RemoveDatastore', 'm'],
      ['CreateNasDatastore', 'm'],
      ['RemoveDatastore', 'm'],
    ],
    [],
  ],
  [
    'a machine that was put back',
    [
      ['UnregisterVM', 'a'],
      ['RegisterVM_Task', 'a [x] a/a.vmx'],
      ['UnregisterVM', 'a'],
    ],
    [],
  ],
  [
    'two snapshots of a machine',
    [
      ['CreateSnapshot_Task', 'a', snapshot('1')],
      ['CreateSnapshot_Task', 'a', snapshot('2')],
    ],
    [],
  ],
  [
    'one snapshot twice',
    [
      ['CreateSnapshot_Task', 'a', snapshot('1')],
      ['CreateSnapshot_Task', 'a', snapshot('1')],
    ],
    ['vcenter vc CreateSnapshot_Task a 1 ×2'],
  ],
])('judges %s', (_what, done, expected) => {
  expect(effectsDoneTwice(journal(...done))).toEqual(expected);
});
