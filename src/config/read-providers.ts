import { type ConfigResult, type ProviderDefinition } from '@wapas/provider-kit';
import { FOR_ITS_AUTHOR, thrownInWords } from './authors-fault';
import { loadProviderPackages } from './provider-packages';
import { type Mode, type SettingReader } from './setting-reader';

/** The providers that are set up. */
export interface ConfiguredProviders {
  /** In the order in which a channel asks them: as configured, else those of the tree, then added packages. */
  readonly providerDefinitions: readonly ProviderDefinition[];
  /** The npm package that brought a provider, by the provider's name; those of the tree are not in it. */
  readonly providerPackages: Readonly<Record<string, string>>;
  /** Their parsed configurations, by provider name. */
  readonly providers: Readonly<Record<string, unknown>>;
}

/** A provider that may be set up, and the package that brought it; none: Wapas' own tree. */
interface Candidate {
  readonly definition: ProviderDefinition;
  readonly package?: string;
}

type Settings = Readonly<Record<string, string | undefined>>;

/**
 * How every provider is set up: those of the tree of which any required setting is given, and those of the packages that the operator
 * named, who wants them.
 */
export function readProviders(reader: SettingReader, ours: readonly ProviderDefinition[], mode: Mode): ConfiguredProviders {
  const before = reader.problems.length;
  const candidates = [...ours.map((definition): Candidate => ({ definition })), ...readPackages(reader, ours)];
  const settingsOf = ({ settings }: ProviderDefinition): Settings =>
    Object.fromEntries(settings.map(({ name }) => [name, reader.text(name)]));
  const wanted = candidates.filter((one) => isWanted(one, candidates, settingsOf(one.definition)));
  const providers: Record<string, unknown> = {};
  for (const candidate of wanted) {
    const { definition } = candidate;
    const settings = settingsOf(definition);
    const result = readSettings(candidate, settings);
    if (result.ok) providers[definition.name] = result.config;
    else for (const problem of result.problems) reader.problem(`${definition.name}${ofPackage(candidate)}: ${problem}`);
    const plain =
      mode === 'production' &&
      definition.settings.find(({ name }) => name.endsWith('_URL') && settings[name]?.startsWith('http:'));
    if (plain) reader.problem(`${plain.name} is a plain http address. Only WAPAS_MODE=sandbox may talk to one.`);
  }
  for (const name of new Set(candidates.flatMap((one) => one.package ?? []))) {
    const brought = candidates.filter((one) => one.package === name);
    if (!brought.some((one) => wanted.includes(one)))
      reader.problem(
        `WAPAS_PROVIDER_PACKAGES: ${name} is named and none of its providers is set up. Set ${settingsWanted(brought)}.`,
      );
  }
  // What is wrong with one that was meant has been said; that nothing could be sent follows from it.
  if (wanted.length === 0 && reader.problems.length === before)
    reader.problem(`No provider is set up, so nothing could be sent. Set one of: ${settingsWanted(candidates)}.`);
  const configured = wanted.filter(({ definition }) => Object.hasOwn(providers, definition.name));
  return {
    providers,
    providerDefinitions: inOrder(
      reader,
      configured.map(({ definition }) => definition),
      wanted.map(({ definition }) => definition.name),
    ),
    providerPackages: Object.fromEntries(
      configured.flatMap(({ definition, package: name }) => (name === undefined ? [] : [[definition.name, name]])),
    ),
  };
}

/**
 * One of the tree is wanted when a setting that it needs is given. The only one of a package was asked for with its name, and so was one of
 * several that needs none.
 */
function isWanted({ definition, package: name }: Candidate, all: readonly Candidate[], settings: Settings): boolean {
  const needed = definition.settings.filter(({ required }) => required);
  const isOnlyOne = all.filter((one) => one.package === name).length === 1;
  if (name !== undefined && (isOnlyOne || needed.length === 0)) return true;
  return needed.some((setting) => settings[setting.name] !== undefined);
}

/** A package is code of somebody else: what it throws or gives instead of an answer is a problem like any other. */
function readSettings({ definition, package: name }: Candidate, settings: Settings): ConfigResult<unknown> {
  const broken = (what: string): ConfigResult<unknown> => ({
    ok: false,
    problems: [`readConfig ${what}. ${name === undefined ? 'That is a fault of its own' : FOR_ITS_AUTHOR}.`],
  });
  try {
    const result: unknown = definition.readConfig(settings);
    return isConfigResult(result) ? result : broken('gives neither { ok: true, config } nor { ok: false, problems }');
  } catch (error) {
    return broken(thrownInWords(error));
  }
}

function isConfigResult(value: unknown): value is ConfigResult<unknown> {
  const { ok, config, problems } = (value ?? {}) as Record<string, unknown>;
  if (ok === true) return config !== undefined;
  return ok === false && Array.isArray(problems) && problems.length > 0;
}

const ofPackage = ({ package: name }: Candidate): string => (name === undefined ? '' : ` (package ${name})`);

function settingsWanted(candidates: readonly Candidate[]): string {
  return candidates
    .map(({ definition }) =>
      definition.settings
        .filter(({ required }) => required)
        .map(({ name }) => name)
        .join(' + '),
    )
    .filter((names) => names !== '')
    .join('; or ');
}

/** The providers of the packages that the operator named, each under a name of its own. */
function readPackages(reader: SettingReader, ours: readonly ProviderDefinition[]): Candidate[] {
  const names = reader.list('WAPAS_PROVIDER_PACKAGES') ?? [];
  const { providers, problems } = loadProviderPackages(names, reader.text('WAPAS_PROVIDER_PACKAGES_DIR') ?? '.');
  for (const problem of problems) reader.problem(problem);
  const known = new Map(ours.map(({ name }) => [name, 'Wapas itself']));
  return providers.filter(({ definition, package: name }) => {
    const owner = known.get(definition.name);
    if (owner !== undefined)
      reader.problem(
        `WAPAS_PROVIDER_PACKAGES: ${name} brings a provider "${definition.name}", as ${owner} does. A name is stored with its messages, so there is one of each: take one of them out, or have its author rename it.`,
      );
    known.set(definition.name, name);
    return owner === undefined;
  });
}

/** Those that the operator names come first, in that order; a channel asks its first and fails over to the next. */
function inOrder(
  reader: SettingReader,
  configured: readonly ProviderDefinition[],
  wanted: readonly string[],
): readonly ProviderDefinition[] {
  const order = reader.list('WAPAS_PROVIDER_ORDER') ?? [];
  const unknown = order.filter((name) => !wanted.includes(name));
  if (unknown.length > 0)
    reader.problem(`WAPAS_PROVIDER_ORDER names ${unknown.join(', ')}, which is not set up. There are: ${wanted.join(', ')}.`);
  const placeOf = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...configured].sort((a, b) => placeOf(a.name) - placeOf(b.name));
}
