// Who may import whom (docs/architecture.md). Checked on resolved files; oxlint checks the package names as well.
const domain = '(organizations|networks|target-plans|targets|protected-vms|operations|failovers|usage|audit)';
const test = '[.]test[.]ts$|/test-support/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: { pathNot: '/bin/' }, to: { couldNotResolve: true } },
    {
      name: 'sdk-client-stands-alone',
      severity: 'error',
      from: { path: '^sdk/client/src', pathNot: test },
      to: { path: '^(sdk/plugin|gateway|plugins|lab|demo|bench)/' },
    },
    {
      name: 'plugin-sdk-imports-nothing',
      severity: 'error',
      from: { path: '^sdk/plugin/src', pathNot: test },
      to: { path: '^(?!sdk/plugin/src)', pathNot: '^(node:|[a-z_/]+$)' },
    },
    {
      name: 'plugins-see-plugin-sdk-only',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/src', pathNot: test },
      to: { path: '^(schema|sdk/client|gateway|lab|demo|bench|plugins/(?!$1/))' },
    },
    {
      name: 'plugin-tests-see-the-lab-too',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/src' },
      to: { path: '^(sdk/client|gateway|demo|bench|plugins/(?!$1/))' },
    },
    {
      name: 'gateway-loads-plugins-by-name',
      severity: 'error',
      from: { path: '^gateway/src' },
      to: { path: '^(plugins|sdk/client|demo|bench)/' },
    },
    {
      name: 'gateway-code-knows-no-lab',
      severity: 'error',
      from: { path: '^gateway/src', pathNot: test },
      to: { path: '^lab/' },
    },
    {
      name: 'lab-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^lab/' },
      to: { path: '^(schema|sdk|gateway|plugins|demo|bench)/' },
    },
    {
      name: 'nobody-imports-the-bench',
      severity: 'error',
      from: { path: '^demo/' },
      to: { path: '^bench/' },
    },
    {
      name: 'bench-measures-what-is-served',
      severity: 'error',
      from: { path: '^bench/' },
      to: { path: '^(schema|plugins|sdk/plugin)/' },
    },
    {
      name: 'engine-only-in-workflows',
      severity: 'error',
      from: { path: '^gateway/src', pathNot: '^gateway/src/workflows/|' + test },
      to: { path: '@dbos-inc' },
    },
    {
      name: 'claims-only-in-access',
      severity: 'error',
      from: { path: '^gateway/src', pathNot: '^gateway/src/access/|' + test },
      to: { path: 'node_modules/(keycloak-connect|jose)/' },
    },
    {
      name: 'domains-do-not-see-the-server',
      severity: 'error',
      from: { path: `^gateway/src/(${domain}|access|workflows|sites|database|graphql)/`, pathNot: test },
      to: { path: '^gateway/src/server/' },
    },
    {
      name: 'another-domains-table-is-private',
      severity: 'error',
      from: { path: `^gateway/src/${domain}/`, pathNot: test },
      to: { path: `^gateway/src/${domain}/table[.]ts$`, pathNot: '^gateway/src/($1|operations)/table[.]ts$' },
    },
    {
      name: 'workflows-know-no-domain',
      severity: 'error',
      from: { path: '^gateway/src/workflows/', pathNot: test },
      to: { path: `^gateway/src/${domain}/`, pathNot: '^gateway/src/operations/(table|operation)[.]ts$' },
    },
    {
      name: 'entities-do-no-io',
      severity: 'error',
      from: { path: '^gateway/src/[^/]+/(failover|target|protected-vm|operation|organization)[.]ts$' },
      to: { path: '^(gateway/src/(database|workflows|access|sites|server)|node:)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?!node_modules).*/dist/|[.]generated[.]ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.run.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
