import { isRecord } from '@wapas/kernel';
import { definitionSchema } from './definition-schema';

interface OrderedSchema {
  readonly properties?: Readonly<Record<string, OrderedSchema>>;
  readonly items?: OrderedSchema;
}

/**
 * A definition with its fields in the order in which the schema lists them, which is the order in which people write them: the database
 * keeps none. Fields that the schema does not name, such as those of a template, follow as they come.
 */
export function inSchemaOrder(definition: unknown, schema: OrderedSchema = definitionSchema as object): unknown {
  if (Array.isArray(definition)) return definition.map((one) => inSchemaOrder(one, schema.items ?? {}));
  if (!isRecord(definition)) return definition;
  const { properties = {} } = schema;
  const listed = Object.keys(properties).filter((name) => Object.hasOwn(definition, name));
  const others = Object.keys(definition).filter((name) => !Object.hasOwn(properties, name));
  return Object.fromEntries(
    [...listed, ...others].map((name) => [name, inSchemaOrder(definition[name], properties[name] ?? {})]),
  );
}
