import { expect, test } from 'vitest';
import { byContent, readDatabase } from './dump.ts';

const uuid = (name: string): unknown[] => ['uuid', name];
/** Two switches with a port each, under identities that begin with `prefix`. */
const network = (prefix: string, holder = 'a') => ({
  Switch: ['a', 'b'].map((name) => ({ _uuid: uuid(`${prefix}-switch-${name}`), name })),
  Port: ['p', 'q'].map((name) => ({
    _uuid: uuid(`${prefix}-port-${name}`),
    name,
    switch: uuid(`${prefix}-switch-${name === 'p' ? holder : 'b'}`),
    peers: ['set', name === 'p' ? [uuid(`${prefix}-port-q`), uuid(`${prefix}-port-p`)] : []],
  })),
});

test('rows under other identities are the same by content, whatever order a set comes in', () => {
  const turned = network('1');
  for (const port of turned.Port) {
    const [kind, members] = port.peers;
    if (Array.isArray(members)) port.peers = [kind ?? '', members.toReversed()];
  }
  expect(byContent(turned)).toEqual(byContent(network('2')));
});

test('a reference to another row is a difference, though no column of its own differs', () => {
  expect(byContent(network('1', 'b'))['Port']).not.toEqual(byContent(network('1'))['Port']);
});

test('a row that is one too many is a difference, even when it is a copy', () => {
  const more = network('1');
  more.Switch.push({ _uuid: uuid('1-switch-c'), name: 'a' });
  expect(byContent(more)['Switch']).not.toEqual(byContent(network('1'))['Switch']);
});

test('a dump holds every table that has rows, without the counters that only follow', async () => {
  const printed = [
    {
      caption: 'NB_Global table',
      headings: ['_uuid', 'nb_cfg', 'hv_cfg_timestamp', 'name'],
      data: [[uuid('g'), 7, 1795556248146, '']],
    },
    { caption: 'ACL table', headings: ['_uuid'], data: [] },
  ];
  const execute = () => Promise.resolve(printed.map((table) => `${JSON.stringify(table)}\n`).join(''));
  expect(await readDatabase(execute, 'unix:nb.sock', 'OVN_Northbound')).toEqual({
    NB_Global: [{ _uuid: uuid('g'), name: '' }],
  });
});
