import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { faultsOfDefinition, type ProviderDefinition } from '@wapas/provider-kit';
import { FOR_ITS_AUTHOR } from './authors-fault';

/** A provider, and the npm package that brought it. */
export interface PackagedProvider {
  readonly package: string;
  readonly definition: ProviderDefinition;
}

export interface LoadedPackages {
  readonly providers: readonly PackagedProvider[];
  /** What is wrong with the packages, each problem with its package's name and what to do. */
  readonly problems: readonly string[];
}

const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * Providers that live in npm packages of others, by name. They are looked for from `folder`, as `require` does there. A
 * package exports `provider`, or `providers` when it brings several; what it exports is checked before anybody trusts it.
 */
export function loadProviderPackages(names: readonly string[], folder: string): LoadedPackages {
  const providers: PackagedProvider[] = [];
  const problems: string[] = [];
  const load = createRequire(join(resolve(folder), 'package.json'));
  for (const name of new Set(names)) {
    const found = PACKAGE_NAME.test(name)
      ? exportsOf(load, name, folder)
      : `"${name}" is not the name of an npm package. Give names as npm install knows them, without a version`;
    const faults =
      typeof found === 'string'
        ? [found]
        : found.flatMap(faultsOfDefinition).map((fault) => `${name} ${fault}. ${FOR_ITS_AUTHOR}`);
    problems.push(...faults.map((fault) => `WAPAS_PROVIDER_PACKAGES: ${fault}.`));
    if (typeof found !== 'string' && faults.length === 0)
      providers.push(...found.map((definition) => ({ package: name, definition: definition as ProviderDefinition })));
  }
  return { providers, problems };
}

/** What the package exports as providers, or what is wrong. */
function exportsOf(load: NodeJS.Require, name: string, folder: string): unknown[] | string {
  let loaded: unknown;
  try {
    loaded = load(name);
  } catch (error) {
    return whyNotLoaded(error, name, folder);
  }
  const { provider, providers, default: byDefault } = (loaded ?? {}) as Record<string, unknown>;
  if (Array.isArray(providers) && providers.length > 0) return providers as unknown[];
  if (provider !== undefined) return [provider];
  const isNamedOtherwise = [loaded, byDefault].some((one) => faultsOfDefinition(one).length === 0);
  const hint = isNamedOtherwise ? ': its provider is the default export, and has to be exported under that name' : ' (a list)';
  return `${name} exports neither "provider" nor "providers"${hint}. ${FOR_ITS_AUTHOR}`;
}

function whyNotLoaded(error: unknown, name: string, folder: string): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const words = String(message ?? error)
    .split('\n')[0]
    ?.slice(0, 200);
  // A dependency of the package may be what is missing; only the package itself is ours to name.
  if (code === 'MODULE_NOT_FOUND' && words?.includes(`'${name}'`))
    return `${name} is not installed in ${resolve(folder)}. Run npm install ${name} there, or set WAPAS_PROVIDER_PACKAGES_DIR to the folder that has it in its node_modules`;
  if (code === 'MODULE_NOT_FOUND')
    return `${name} cannot be loaded (${words}). What it needs is not installed beside it, or it was packed before it was built: install it once more together with @wapas/provider-kit, else its author has to mend it`;
  if (code === 'ERR_REQUIRE_ASYNC_MODULE') return `${name} cannot be loaded: it awaits at its top level. ${FOR_ITS_AUTHOR}`;
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
    return `${name} cannot be loaded: "exports" in its package.json has no "default" or "require" that Node could take. ${FOR_ITS_AUTHOR}`;
  return `${name} cannot be loaded (${words}). ${FOR_ITS_AUTHOR}`;
}
