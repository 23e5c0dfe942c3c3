import { type Fault } from './problem';

/** What a field may be called. A number, an address or a long word is data that got into the wrong place, and is not repeated. */
const NAME = /^(?!.*\d{4})[A-Za-z_][A-Za-z0-9_-]{0,39}$/;

/** A field that nobody knows, by its own name where that can be told; `parent`: the pointer to what it stands in, '' for the body itself. */
export function unknownField(parent: string, name: unknown, hint = ''): Fault {
  const more = hint === '' ? '.' : `; ${hint}.`;
  if (typeof name !== 'string' || !NAME.test(name))
    return { at: parent || '/', code: 'unknown_field', detail: `There is a field here that this route does not know${more}` };
  return { at: `${parent}/${name}`, code: 'unknown_field', detail: `This route knows no field "${name}" here${more}` };
}

/** As `unknownField`, of a query. */
export function unknownParameter(name: unknown): Fault {
  const isName = typeof name === 'string' && NAME.test(name);
  return {
    at: isName ? name : 'query',
    code: 'unknown_field',
    detail: isName
      ? `This route knows no parameter "${name}"; /docs lists those that it knows.`
      : 'There is a parameter here that this route does not know; /docs lists them.',
  };
}
