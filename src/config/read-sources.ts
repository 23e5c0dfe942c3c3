import { sources } from '../ingestion/sources/registry';
import { faultOfSecret, type SignatureRecipe } from '../ingestion/sources/signature';
import { type SettingReader } from './setting-reader';

/** How a source's webhooks are proven. Never holds an empty secret. */
export interface SourceAccess {
  readonly recipe: SignatureRecipe;
  readonly secrets: readonly string[];
}

/** By name, the sources that are set up. */
export function readSources(reader: SettingReader): Readonly<Record<string, SourceAccess>> {
  const access: Record<string, SourceAccess> = {};
  for (const { name, secretSetting, recipe, otherRecipes } of sources.values()) {
    const given = reader.raw(secretSetting);
    const chosen = otherRecipes && reader.text(otherRecipes.setting);
    if (otherRecipes && chosen !== undefined && !Object.hasOwn(otherRecipes.recipes, chosen))
      reader.problem(`${otherRecipes.setting} must be one of ${Object.keys(otherRecipes.recipes).join(', ')}.`);
    if (given === undefined) continue;
    const inForce = (chosen === undefined ? undefined : otherRecipes?.recipes[chosen]) ?? recipe;
    const secrets = given.split(',').map((part) => part.trim());
    const fault = secrets.map((secret) => faultOfSecret(inForce, secret)).find((one) => one !== null);
    if (fault !== undefined)
      reader.problem(
        `${secretSetting} is set but holds an empty or unfit secret. ${fault} Several are separated by commas while one is rotated.`,
      );
    else access[name] = { recipe: inForce, secrets };
  }
  return access;
}
