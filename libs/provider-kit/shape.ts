import { type Address } from './content';
import { PROVIDER_API_VERSION } from './definition';
import { recordOf } from './http';
import { RECEIPT_KINDS } from './receipts';

/** The channels that Wapas itself knows, and where they reach people. */
export const KNOWN_CHANNELS: Readonly<Record<string, Address['kind']>> = { push: 'push_token', whatsapp: 'phone', sms: 'phone' };

const ADDRESS_KINDS: readonly unknown[] = ['push_token', 'phone', 'email'] satisfies Address['kind'][];
const CHANNEL_NAME = /^[a-z][a-z0-9_]{0,63}$/;
const FIELD_NAME = /^[a-z][A-Za-z0-9_]{0,63}$/;
const PROVIDER_NAME = /^[a-z][a-z0-9-]{1,40}$/;
const SETTING_NAME = /^[A-Z][A-Z0-9_]+$/;

/**
 * What is wrong with something that a package exports as its provider; empty when it is a `ProviderDefinition` of this version. Each
 * fault continues "the package …". The application and the conformance kit ask the same.
 */
export function faultsOfDefinition(exported: unknown): string[] {
  const one = recordOf(exported);
  if (one?.['apiVersion'] === undefined)
    return ['exports as its provider what is none: a ProviderDefinition with an apiVersion is wanted'];
  if (one['apiVersion'] !== PROVIDER_API_VERSION)
    return [
      `is made for version ${JSON.stringify(one['apiVersion'])} of the provider contract; this Wapas has version ${PROVIDER_API_VERSION}: build it with @wapas/provider-kit of that version`,
    ];
  const { name, channel, opensChannel, settings, readConfig, create } = one;
  if (typeof name !== 'string' || !PROVIDER_NAME.test(name))
    return ['exports a provider without a proper name: 2 to 41 lower-case letters, digits and hyphens, such as acme-sms'];
  const fault = (text: string): string => `exports a provider "${name}" ${text}`;
  const faults: string[] = [];
  if (typeof channel !== 'string' || !CHANNEL_NAME.test(channel))
    faults.push(fault('without a proper channel: push, whatsapp, sms, or a word in lower case'));
  else if (opensChannel === undefined && !Object.hasOwn(KNOWN_CHANNELS, channel))
    faults.push(fault(`for the channel "${channel}", which is none of Wapas' own: it has to describe it with opensChannel`));
  if (opensChannel !== undefined && typeof opensChannel !== 'function') faults.push(fault('whose opensChannel is no function'));
  faults.push(...faultsOfSettings(settings).map(fault));
  if (typeof readConfig !== 'function') faults.push(fault('without readConfig'));
  if (typeof create !== 'function') faults.push(fault('without create'));
  return faults;
}

function faultsOfSettings(settings: unknown): string[] {
  if (!Array.isArray(settings)) return ['without a list of settings'];
  const records = settings.map(recordOf);
  const names = records.map((setting) => setting?.['name']);
  if (!names.every((name) => typeof name === 'string' && SETTING_NAME.test(name)))
    return ['with a setting whose name is none of an environment variable, such as ACME_API_KEY'];
  const isWhole = (setting: Record<string, unknown> | null): boolean =>
    typeof setting?.['required'] === 'boolean' &&
    typeof setting['secret'] === 'boolean' &&
    typeof setting['description'] === 'string';
  return records.flatMap((setting, index) => {
    if (names.indexOf(names[index]) !== index) return [`that lists ${String(names[index])} twice`];
    return isWhole(setting) ? [] : [`whose setting ${String(names[index])} does not say "required", "secret" and "description"`];
  });
}

/** What is wrong with what `opensChannel` gives; each fault continues "it …". Nothing is asked of a channel that Wapas itself knows. */
export function faultsOfChannel(described: unknown): string[] {
  const channel = recordOf(described);
  if (channel === null) return ['describes no channel'];
  const { name, addressKind, fields } = channel;
  if (typeof name !== 'string' || !CHANNEL_NAME.test(name))
    return ['describes a channel without a proper name: a word in lower case, as journey files write it'];
  if (Object.hasOwn(KNOWN_CHANNELS, name)) return [];
  const faults: string[] = [];
  if (!ADDRESS_KINDS.includes(addressKind))
    faults.push(`does not say where the channel "${name}" reaches people: addressKind is one of ${ADDRESS_KINDS.join(', ')}`);
  const named = Array.isArray(fields) ? fields.map((field) => recordOf(field)?.['name']) : [];
  if (named.length === 0 || !named.every((field) => typeof field === 'string' && FIELD_NAME.test(field)))
    faults.push(`does not list the texts of the channel "${name}": fields with names such as "text"`);
  if (new Set(named).size < named.length) faults.push(`lists a text of the channel "${name}" twice`);
  return faults;
}

/** What is wrong with what `create` gives; each fault continues "it …". Empty: it can be put to work. */
export function faultsOfProvider(made: unknown): string[] {
  if (isPromise(made)) return ['gives a promise: give the provider at once, and fetch what it needs with its first call'];
  const provider = recordOf(made);
  if (provider === null) return ['gives no provider'];
  const faults: string[] = [];
  for (const name of ['send', 'health'])
    if (typeof provider[name] !== 'function') faults.push(`gives a provider without ${name}`);
  for (const name of ['maxPerSecond', 'maxConcurrent'])
    if (!Number.isInteger(provider[name]) || (provider[name] as number) < 1)
      faults.push(`gives a provider whose ${name} is no whole number from 1 on`);
  const { perPersonEveryMs, capabilities, receiptEndpoint, templateLibrary, mostPeoplePerDay } = provider;
  if (perPersonEveryMs !== undefined && !(Number.isFinite(perPersonEveryMs) && (perPersonEveryMs as number) > 0))
    faults.push('gives a provider whose perPersonEveryMs is no number of milliseconds');
  if (!areCapabilities(capabilities))
    faults.push('gives a provider whose capabilities do not say resendIsSafe, echoesReference and the receipts that can come');
  if (receiptEndpoint !== undefined && !hasFunctions(receiptEndpoint, ['verify', 'parse']))
    faults.push('gives a provider whose receiptEndpoint cannot verify and parse');
  if (templateLibrary !== undefined && !hasFunctions(templateLibrary, ['page']))
    faults.push('gives a provider whose templateLibrary has no page');
  if (mostPeoplePerDay !== undefined && typeof mostPeoplePerDay !== 'function')
    faults.push('gives a provider whose mostPeoplePerDay is no function');
  return faults;
}

function areCapabilities(value: unknown): boolean {
  const { resendIsSafe, echoesReference, receipts } = recordOf(value) ?? {};
  return (
    typeof resendIsSafe === 'boolean' &&
    typeof echoesReference === 'boolean' &&
    Array.isArray(receipts) &&
    receipts.every((kind) => (RECEIPT_KINDS as readonly unknown[]).includes(kind))
  );
}

const hasFunctions = (value: unknown, names: readonly string[]): boolean =>
  names.every((name) => typeof recordOf(value)?.[name] === 'function');

const isPromise = (value: unknown): boolean => typeof recordOf(value)?.['then'] === 'function';
