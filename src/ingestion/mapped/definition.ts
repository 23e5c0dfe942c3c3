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
}

/** What holds of a definition: its own words first, then those of its preset. */
export interface Effective {
  readonly recipe: SignatureRecipe;
  readonly mapping: Mapping;
  readonly pingField?: string;
}

/** Null when a part is missing. */
export function effectiveOf(definition: SourceDefinition): Effective | null {
  const preset = presets.get(definition.preset ?? '');
  const recipe = definition.recipe ?? preset?.recipe;
  const mapping = definition.mapping ?? preset?.mapping;
  return recipe && mapping ? { recipe, mapping, pingField: definition.pingField ?? preset?.pingField } : null;
}
