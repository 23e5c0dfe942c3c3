import { unknownSettings } from './unknown-settings';

const known = new Set(['HOST', 'PORT', 'DATABASE_URL', 'WAPAS_CAP_PER_DAY', 'WAPAS_CAP_MARKETING_PER_DAY', 'MSG91_AUTH_KEY']);

it.each([
  ['WAPAS_CAP_PER_DAYS', 'WAPAS_CAP_PER_DAY'],
  ['WAPAS_CAP_PRE_DAY', 'WAPAS_CAP_PER_DAY'],
  ['Wapas_Cap_Marketing_Per_Day', 'WAPAS_CAP_MARKETING_PER_DAY'],
  ['MSG91_AUTHKEY', 'MSG91_AUTH_KEY'],
  ['DATABASE_URI', 'DATABASE_URL'],
])('%s changes nothing, and %s may be meant', (name, meant) =>
  expect(unknownSettings([name], known)).toEqual([`${name} is no setting and changes nothing: ${meant} may be meant`]),
);

it('a name that only begins as ours do is told, too', () =>
  expect(unknownSettings(['WAPAS_QUIET_HOURS'], known)).toEqual([
    'WAPAS_QUIET_HOURS is no setting and changes nothing; see src/config/README.md',
  ]));

it('what Kubernetes says of a service that has our name is nothing to tell', () =>
  expect(
    unknownSettings(
      ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_HTTP', 'PORT', 'PORT_8080_TCP', 'PORT_8080_TCP_ADDR'].map(
        (one) => `WAPAS_WEB_${one}`,
      ),
      known,
    ),
  ).toEqual([]));

it('what is a setting, and what the machine and other programs have, is nothing to tell', () =>
  expect(
    unknownSettings(['HOST', 'PORT', 'WAPAS_CAP_PER_DAY', 'HOSTNAME', 'PATH', 'POST', 'PGDATABASE', 'DATABASE_HOST'], known),
  ).toEqual([]));
