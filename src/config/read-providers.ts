import { type ProviderDefinition } from '@wapas/provider-kit';
import { type Config } from './config';
import { loadProviderPackages } from './provider-packages';
import { type Mode, type SettingReader } from './setting-reader';

/** Those of the tree (`ours`) and of added packages of which any required setting is given, and how each is set up. */
export function readProviders(
  reader: SettingReader,
  ours: readonly ProviderDefinition[],
  mode: Mode,
): Pick<Config, 'providers' | 'providerDefinitions'> {
  const definitions = withPackages(reader, ours);
  const providers: Record<string, unknown> = {};
  for (const definition of definitions) {
    const settings = Object.fromEntries(definition.settings.map(({ name }) => [name, reader.text(name)]));
    if (!definition.settings.some(({ name, required }) => required && settings[name] !== undefined)) continue;
    const result = definition.readConfig(settings);
    if (result.ok) providers[definition.name] = result.config;
    else for (const problem of result.problems) reader.problem(`${definition.name}: ${problem}`);
    const plain =
      mode === 'production' &&
      definition.settings.find(({ name }) => name.endsWith('_URL') && settings[name]?.startsWith('http:'));
    if (plain) reader.problem(`${plain.name} is a plain http address. Only WAPAS_MODE=sandbox may talk to one.`);
  }
  if (Object.keys(providers).length === 0) {
    const wanted = definitions
      .map(({ settings }) =>
        settings
          .filter(({ required }) => required)
          .map(({ name }) => name)
          .join(' + '),
      )
      .join('; or ');
    reader.problem(`No provider is set up, so nothing could be sent. Set one of: ${wanted}.`);
  }
  const configured = definitions.filter(({ name }) => Object.hasOwn(providers, name));
  return { providers, providerDefinitions: inOrder(reader, configured) };
}

/** The providers of the tree and those of the packages that the operator named. */
function withPackages(reader: SettingReader, definitions: readonly ProviderDefinition[]): readonly ProviderDefinition[] {
  const names = reader.list('WAPAS_PROVIDER_PACKAGES') ?? [];
  if (names.length === 0) return definitions;
  const added = loadProviderPackages(names, reader.text('WAPAS_PROVIDER_PACKAGES_DIR') ?? '.');
  for (const problem of added.problems) reader.problem(problem);
  const all = [...definitions, ...added.definitions];
  const twice = all.find(({ name }, index) => all.findIndex((other) => other.name === name) !== index);
  if (twice)
    reader.problem(`WAPAS_PROVIDER_PACKAGES brings a second provider "${twice.name}". Each name is stored with its messages.`);
  return all;
}

/** Those that the operator names come first, in that order; a channel asks its first and fails over to the next. */
function inOrder(reader: SettingReader, configured: readonly ProviderDefinition[]): readonly ProviderDefinition[] {
  const order = reader.list('WAPAS_PROVIDER_ORDER') ?? [];
  const unknown = order.filter((name) => !configured.some((one) => one.name === name));
  if (unknown.length > 0)
    reader.problem(
      `WAPAS_PROVIDER_ORDER names ${unknown.join(', ')}, which is not set up. There are: ${configured.map(({ name }) => name).join(', ')}.`,
    );
  const placeOf = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...configured].sort((a, b) => placeOf(a.name) - placeOf(b.name));
}
