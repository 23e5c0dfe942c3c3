import 'reflect-metadata';
import { type DynamicModule, type ForwardReference, type Provider, type Type } from '@nestjs/common';
import { AppModule, providerDefinitions } from '../../src/app.module';
import { readConfig } from '../../src/config/config';
import { eventFlow } from '../../src/event-flow';
import { Log } from '../../src/log';

const config = readConfig(
  {
    WAPAS_MODE: 'sandbox',
    DATABASE_URL: 'postgres://127.0.0.1/nowhere',
    WAPAS_SECRET: 'a-secret-for-tests-0123456789abcdef',
    MSG91_AUTH_KEY: 'msg91-key',
    MSG91_WEBHOOK_TOKEN: '8f3a61d2c94b7e05a1d6f0938b2c47e5',
  },
  providerDefinitions,
);

type Importable = Type | DynamicModule | Promise<DynamicModule> | ForwardReference;

/** Everything that the modules provide, from the composition root downwards. Nothing is started. */
async function providedBy(module: Importable, seen = new Set<unknown>()): Promise<Set<unknown>> {
  const found = new Set<unknown>();
  const made = await module;
  if (seen.has(made)) return found;
  seen.add(made);
  const dynamic = 'module' in made ? made : undefined;
  const target = dynamic?.module ?? made;
  const listed = (key: 'providers' | 'imports'): unknown[] => [
    ...((dynamic?.[key] as unknown[] | undefined) ?? []),
    ...((Reflect.getMetadata(key, target) as unknown[] | undefined) ?? []),
  ];
  for (const provider of listed('providers') as Provider[])
    found.add(typeof provider === 'function' ? provider : provider.provide);
  for (const imported of listed('imports') as Importable[]) for (const one of await providedBy(imported, seen)) found.add(one);
  return found;
}

const handlers = Object.entries(eventFlow).flatMap(([event, classes]) =>
  (classes as readonly Type[]).map((handler) => ({ event, handler, name: handler.name })),
);

let provided: Set<unknown>;
beforeAll(async () => {
  provided = await providedBy(AppModule.forRoot(config, 'postgres://127.0.0.1/nowhere', new Log('silent')));
});

it.each(handlers)('$name, who reacts to $event, is provided by a module', ({ handler }) =>
  expect(provided.has(handler)).toBe(true),
);

it('every bus event has somebody who reacts to it', () =>
  expect(Object.entries(eventFlow).filter(([, classes]) => classes.length === 0)).toEqual([]));

it('no two handlers share a name: packets wait in the outbox under it', () => {
  const names = handlers.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
