import { expect, test } from 'vitest';
import { hostsOf, shareFor } from './nfs-shares.ts';

const host = (entity: string, more = {}) => ({ etype: 'fqdn' as const, entity, ...more });
const share = (context: object, more = {}) => ({
  anon: 'nobody',
  securityContexts: [{ securityModes: ['sys'], ...context }],
  ...more,
});
const both = (...rules: ReturnType<typeof host>[]) => ({ readWriteList: rules, root: rules });

test('a share made for hosts names exactly them', () => {
  expect(hostsOf(shareFor(['10.0.0.2', '10.0.0.1'], 'nobody'), 'nobody')).toEqual(['10.0.0.1', '10.0.0.2']);
});

test('order, doubles, a spelled-out allow and an empty mask make no difference', () => {
  const rules = both(host('10.0.0.2', { allow: true }), host('10.0.0.1', { mask: 0 }), host('10.0.0.2'));
  expect(hostsOf(share(rules), 'nobody')).toEqual(['10.0.0.1', '10.0.0.2']);
});

test.each([
  ['no context', { anon: 'nobody', securityContexts: [] }],
  ['a bare context, open to everybody', share({})],
  ['a bare context with a root list', share({ root: [host('10.0.0.1')] })],
  ['writers that are not root', share({ readWriteList: [host('10.0.0.1')] })],
  ['other writers than roots', share({ readWriteList: [host('10.0.0.1')], root: [host('10.0.0.2')] })],
  ['readers beside the writers', share({ ...both(host('10.0.0.1')), readOnlyList: [host('10.0.0.2')] })],
  ['a subnet', share(both({ ...host('10.0.0.0'), etype: 'network', mask: 24 } as never))],
  ['a refused host', share(both(host('10.0.0.1', { allow: false })))],
  [
    'two contexts',
    {
      anon: 'nobody',
      securityContexts: [...share(both(host('10.0.0.1'))).securityContexts, { securityModes: ['krb5'] }],
    },
  ],
  [
    'another security mode',
    { anon: 'nobody', securityContexts: [{ securityModes: ['none'], ...both(host('10.0.0.1')) }] },
  ],
  ['another anonymous user', share(both(host('10.0.0.1')), { anon: 'root' })],
])('says nothing of %s', (_, given) => {
  expect(hostsOf(given, 'nobody')).toBeNull();
});
