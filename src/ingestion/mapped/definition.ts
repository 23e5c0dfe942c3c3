import { type Mapping } from '../sources/mapping';
import { type SignatureRecipe } from '../sources/signature';
import { presets } from './presets/registry';

/** A mapped source as its operator wrote it. Together with its preset, if it has one, it holds a recipe and a mapping. */
export interface SourceDefinition {
  readonly title?: string;
  readonly preset?: string;
  readonly recipe?: SignatureRecipe;
  readonly mapping?: Mapping;
  readonly pingField?: string;
  /** What it sends belongs to test mode, as what comes with a test key does. */
  readonly test?: boolean;
}

/** What holds of a definition: its own words first, then those of its preset. */
export interface Effective {
  readonly recipe: SignatureRecipe;
  readonly mapping: Mapping;
  readonly pingField?: string;
  readonly test: boolean;
}

/** What a source's events come under: an id that was used in a test must not make the live event a duplicate. */
export const eventSourceOf = (name: string, test: boolean): string => (test ? `${name}${IN_TEST}` : name);

/** The source whose test events come under this name; undefined when it is no such name. */
export const testedSourceOf = (eventSource: string): string | undefined =>
  eventSource.endsWith(IN_TEST) ? eventSource.slice(0, -IN_TEST.length) : undefined;

const IN_TEST = '-test';

/** Null when a part is missing. */
export function effectiveOf(definition: SourceDefinition): Effective | null {
  const preset = presets.get(definition.preset ?? '');
  const recipe = definition.recipe ?? preset?.recipe;
  const mapping = definition.mapping ?? preset?.mapping;
  if (!recipe || !mapping) return null;
  return { recipe, mapping, pingField: definition.pingField ?? preset?.pingField, test: definition.test === true };
}
