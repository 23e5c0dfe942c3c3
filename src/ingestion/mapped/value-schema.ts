/** Where in a webhook something stands. */
export const PLACE = '^((body:)?/[^\\u0000-\\u001f]{0,200}|header:[a-z0-9-]{1,64})$';
export const LIST = '^(/[^\\u0000-\\u001f]{0,200})?$';
/** Within what is an event: the whole of it is no list. */
export const INNER_LIST = '^/[^\\u0000-\\u001f]{0,200}$';
export const place = { type: 'string', pattern: PLACE } as const;
const places = { type: 'array', minItems: 1, maxItems: 8, items: place } as const;

export const value = (description: string, example: unknown) => ({
  type: ['string', 'object'],
  pattern: PLACE,
  minProperties: 1,
  additionalProperties: false,
  description: `${description} A JSON pointer, \`body:\` and one where \`each\` is given, \`header:name\`, {first, otherwise}, {join, separator} or {value}.`,
  example,
  properties: {
    first: { ...places, description: 'The first of these that holds something.', example: ['/phone', '/mobile'] },
    otherwise: { type: 'string', maxLength: 200, description: 'With `first`: when none does.', example: 'INR' },
    join: { ...places, description: 'All of these, one behind the other.', example: ['/txnid', '/status'] },
    separator: { type: 'string', maxLength: 3, description: 'Between joined ones; a colon unless said.', example: ':' },
    value: { type: 'string', minLength: 1, maxLength: 200, description: 'Always this text.', example: 'INR' },
  },
});
