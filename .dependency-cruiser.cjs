/** Which folder may import which (STYLE: imports point inwards; modules meet at *.api.ts; libs never import src). */
const MODULES = 'ingestion|profiles|journeys|channels|links|payments|analytics|webhooks|console|access|health';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'libs-stand-in-order',
      comment: 'Not even types go round.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^libs/', circular: true },
    },
    {
      name: 'the-bus-carries-facts-alone',
      comment: 'Everybody knows the bus, so the bus must know nobody.',
      severity: 'error',
      from: { path: '^src/bus-events\\.ts$' },
      to: { pathNot: '^src/[a-z]+/[a-z]+\\.events\\.ts$' },
    },
    {
      name: 'facts-of-the-bus-are-plain',
      severity: 'error',
      from: { path: '^src/[a-z]+/[a-z]+\\.events\\.ts$' },
      to: { path: '^src/', pathNot: '^src/[a-z]+/rules/' },
    },
    { name: 'libs-never-import-src', severity: 'error', from: { path: '^libs/' }, to: { path: '^src/' } },
    {
      name: 'kernel-imports-nothing',
      severity: 'error',
      from: { path: '^libs/kernel/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^libs/kernel/', '^(node:)?crypto$'] },
    },
    {
      name: 'modules-meet-at-their-api',
      severity: 'error',
      from: { path: `^src/(${MODULES})/` },
      to: { path: `^src/(${MODULES})/`, pathNot: [`^src/$1/`, `^src/(${MODULES})/[^/]+\\.(api|module)\\.ts$`] },
    },
    {
      name: 'rules-are-pure',
      comment:
        'A rule sees values: no database, no clock, no network, no Nest; hashing and well-kept libraries that compute are fine.',
      severity: 'error',
      from: { path: '/rules/', pathNot: '\\.spec\\.ts$' },
      to: {
        pathNot: [
          '/rules/',
          '^libs/(kernel|provider-kit|entity-keys|problems|gateways|local-hours|stated-rates)/',
          '^libs/rates/(?!store)',
          'node_modules/(luxon|@types/luxon|ajv|libphonenumber-js|jstat)/',
          '^(node:)?crypto$',
        ],
      },
    },
    {
      name: 'tables-are-known-only-to-stores',
      severity: 'error',
      from: { path: `^src/(${MODULES})/(rules|http)/` },
      to: { path: '/store/' },
    },
    { name: 'stores-do-not-look-outwards', severity: 'error', from: { path: '/store/' }, to: { path: '^src/.*/http/' } },
    {
      name: 'providers-see-the-kit-and-nothing-else',
      severity: 'error',
      from: { path: '^libs/providers/([^/]+)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(libs|src)/', pathNot: ['^libs/providers/$1/', '^libs/(provider-kit|kernel)/'] },
    },
    {
      name: 'only-the-composition-root-names-providers',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/app\\.module\\.ts$' },
      to: { path: '^libs/providers/' },
    },
    {
      name: 'reports-do-not-read-the-generator',
      comment: 'What is simulated goes in as events like everything else; the product knows nothing of the demo and its people.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^libs/demo/' },
    },
    {
      name: 'the-sandbox-stands-alone',
      severity: 'error',
      from: { path: '^libs/(sandbox|demo)/' },
      to: { path: '^(src|libs)/', pathNot: ['^libs/(sandbox|demo|kernel|stated-rates)/', '^libs/database/embedded/'] },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', 'main\\.ts$', '\\.command\\.ts$', '\\.spec\\.ts$', '^test/'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: ['^dist/'] },
  },
};
