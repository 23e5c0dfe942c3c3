import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { PROVIDER_API_VERSION, type ProviderDefinition } from '@wapas/provider-kit';

export interface LoadedPackages {
  readonly definitions: readonly ProviderDefinition[];
  /** What is wrong with the packages, each problem with its package's name and what to do. */
  readonly problems: readonly string[];
}

const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * Providers that live in npm packages of others, by name. They are looked for from `folder`, as `require` does there. A
 * package exports `provider`, or `providers` when it brings several; what it exports is checked before anybody trusts it.
 */
export function loadProviderPackages(names: readonly string[], folder: string): LoadedPackages {
  const definitions: ProviderDefinition[] = [];
  const problems: string[] = [];
  const load = createRequire(join(resolve(folder), 'package.json'));
  for (const name of names) {
    const result = PACKAGE_NAME.test(name) ? exportsOf(load, name, folder) : 'is not the name of an npm package';
    if (typeof result === 'string') problems.push(`WAPAS_PROVIDER_PACKAGES: ${name} ${result}.`);
    else
      for (const exported of result) {
        const fault = faultOf(exported);
        if (fault === null) definitions.push(exported as ProviderDefinition);
        else problems.push(`WAPAS_PROVIDER_PACKAGES: ${name} ${fault}.`);
      }
  }
  return { definitions, problems };
}

/** What the package exports as providers, or what is wrong. */
function exportsOf(load: NodeJS.Require, name: string, folder: string): unknown[] | string {
  let loaded: unknown;
  try {
    loaded = load(name);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    // A dependency of the package may be what is missing; only the package itself is ours to name.
    if (code === 'MODULE_NOT_FOUND' && String(message).includes(`'${name}'`))
      return `is not installed: run npm install ${name} in ${folder}`;
    return `cannot be loaded (${String(message).split('\n')[0]?.slice(0, 200)})`;
  }
  const { provider, providers } = (loaded ?? {}) as { provider?: unknown; providers?: unknown };
  const exported = Array.isArray(providers) ? (providers as unknown[]) : provider === undefined ? [] : [provider];
  return exported.length > 0 ? exported : 'exports neither "provider" nor "providers"';
}

function faultOf(exported: unknown): string | null {
  const one = (typeof exported === 'object' && exported !== null ? exported : {}) as Partial<
    Record<keyof ProviderDefinition, unknown>
  >;
  if (one.apiVersion !== PROVIDER_API_VERSION)
    return `is made for version ${String(one.apiVersion)} of the provider contract; this Wapas has version ${PROVIDER_API_VERSION}`;
  if (typeof one.name !== 'string' || !/^[a-z][a-z0-9-]{1,40}$/.test(one.name) || typeof one.channel !== 'string')
    return 'exports a provider without a proper name or channel';
  if (!Array.isArray(one.settings) || typeof one.readConfig !== 'function' || typeof one.create !== 'function')
    return `exports a provider "${one.name}" without settings, readConfig or create`;
  return null;
}
