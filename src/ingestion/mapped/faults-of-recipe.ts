import { type Fault } from '@wapas/problems';
import { type FieldHashRecipe, type HmacRecipe, placeholders, type SignatureRecipe } from '../sources/signature';

/** Fields that belong to each kind of recipe besides `kind`: those it needs, and those it may have. */
const FIELDS: Readonly<Record<SignatureRecipe['kind'], { needs: readonly string[]; may: readonly string[] }>> = {
  hmac: { needs: ['signature', 'algorithm', 'encoding'], may: ['algorithmIn', 'signed', 'timestamp', 'secret'] },
  field_hash: { needs: ['field', 'algorithm', 'encoding', 'signed'], may: ['signedWhen'] },
  basic: { needs: [], may: [] },
  token: { needs: [], may: ['header', 'prefix', 'query'] },
};

/** What is wrong with a recipe that its schema has passed, with pointers into the definition. */
export function faultsOfRecipe(recipe: SignatureRecipe): Fault[] {
  const { needs, may } = FIELDS[recipe.kind];
  const given = Object.keys(recipe).filter((field) => field !== 'kind');
  const faults: Fault[] = [
    ...needs
      .filter((field) => !given.includes(field))
      .map((field) => ({ at: `/recipe/${field}`, code: 'missing_field', detail: `A recipe of kind ${recipe.kind} needs it.` })),
    ...given
      .filter((field) => !needs.includes(field) && !may.includes(field))
      .map((field) => ({
        at: `/recipe/${field}`,
        code: 'unknown_field',
        detail: `A recipe of kind ${recipe.kind} knows no such field. Leave it out.`,
      })),
  ];
  if (faults.length > 0) return faults;
  if (recipe.kind === 'hmac') return faultsOfHmac(recipe);
  if (recipe.kind === 'field_hash') return faultsOfFieldHash(recipe);
  if (recipe.kind === 'token' && 'header' in recipe === 'query' in recipe)
    return [{ at: '/recipe', code: 'token_place', detail: 'Say where the secret stands: `header` or `query`, one of the two.' }];
  return [];
}

function faultsOfHmac({ signed = '{body}', timestamp }: HmacRecipe): Fault[] {
  const at = '/recipe/signed';
  const parts = placeholders(signed);
  const unknown = parts.filter((part) => part !== 'body' && part !== 'timestamp' && !/^header:[a-z0-9-]{1,64}$/.test(part));
  const faults: Fault[] = [];
  if (unknown.length > 0)
    faults.push({
      at,
      code: 'bad_placeholder',
      detail: 'Only {body}, {timestamp} and {header:name} in lower case stand for something.',
    });
  if (!parts.includes('body'))
    faults.push({ at, code: 'body_not_signed', detail: 'Put {body} into it: otherwise anybody could change the body.' });
  if (parts.includes('timestamp') && !timestamp)
    faults.push({ at: '/recipe/timestamp', code: 'missing_field', detail: '{timestamp} is signed: say where it stands.' });
  if (timestamp && !parts.includes('timestamp'))
    faults.push({
      at,
      code: 'timestamp_not_signed',
      detail: 'Put {timestamp} into it: a time that is not signed proves nothing.',
    });
  return faults;
}

function faultsOfFieldHash({ signed, signedWhen = [] }: FieldHashRecipe): Fault[] {
  const texts: [string, string][] = [
    ['/recipe/signed', signed],
    ...signedWhen.map((one, index): [string, string] => [`/recipe/signedWhen/${index}/signed`, one.signed]),
  ];
  return texts.flatMap(([at, text]) => {
    const parts = placeholders(text);
    if (!parts.includes('secret'))
      return [{ at, code: 'secret_not_signed', detail: 'Put {secret} into it: otherwise anybody could make the hash.' }];
    return parts.some((part) => part !== 'secret' && !part.startsWith('/'))
      ? [{ at, code: 'bad_placeholder', detail: 'Only {secret} and {/pointer} stand for something.' }]
      : [];
  });
}
