import 'reflect-metadata';
import { gatewayDefinitions } from '@wapas/gateways';
import { providerDefinitions } from '../../src/app.module';
import { ConfigError, readConfig } from '../../src/config/config';

const CANARY = 'canary-4f9a';
const problemsOf = (env: Readonly<Record<string, string>>): readonly string[] => {
  try {
    readConfig(env, providerDefinitions);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};
const account = { type: 'service_account', project_id: CANARY, private_key_id: CANARY, private_key: CANARY, token_uri: CANARY };
const settings = [...providerDefinitions, ...gatewayDefinitions].flatMap((definition) => definition.settings);

it.each(settings.filter(({ secret }) => secret))('a refused start does not print what $name holds', ({ name }) => {
  for (const value of [CANARY, `${CANARY}\n`, `{"private_key": "${CANARY}`, JSON.stringify(account)]) {
    const problems = problemsOf({ [name]: value });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join('\n')).not.toContain(CANARY);
  }
});

it('with no provider at all, every way to set one up is named', () =>
  expect(problemsOf({}).join('\n')).toMatch(/FCM_SERVICE_ACCOUNT.*WHATSAPP_ACCESS_TOKEN.*MSG91_AUTH_KEY/));
