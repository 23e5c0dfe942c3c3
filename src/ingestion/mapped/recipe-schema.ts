import { place } from './value-schema';

const header = { type: 'string', pattern: '^[a-z0-9-]{1,64}$' } as const;
const algorithm = { type: 'string', enum: ['sha1', 'sha256', 'sha512'] } as const;
const template = { type: 'string', minLength: 1, maxLength: 1_000 } as const;

/** How a webhook is proven, of every kind; which fields belong to which is told apart in faults-of-recipe.ts. */
export const recipeSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind'],
  description: 'How a webhook is proven to be the sender’s. Which other fields belong to it depends on `kind`.',
  example: { kind: 'hmac', signature: { header: 'x-signature' }, algorithm: 'sha256', encoding: 'hex' },
  properties: {
    kind: {
      type: 'string',
      enum: ['hmac', 'field_hash', 'basic', 'token'],
      description:
        '`hmac`: a keyed hash in a header. `field_hash`: a hash over some fields, in a field. `basic`: HTTP Basic, secrets are user:password. `token`: the secret itself in a header or in the address.',
      example: 'hmac',
    },
    signature: {
      type: 'object',
      additionalProperties: false,
      required: ['header'],
      description: 'hmac: where the signature stands.',
      properties: {
        header: { ...header, description: 'In lower case.', example: 'x-signature' },
        separator: { type: 'string', minLength: 1, maxLength: 3, description: 'Parts several signatures.', example: ',' },
        prefix: { type: 'string', minLength: 1, maxLength: 20, description: 'What a signature begins with.', example: 'v1=' },
      },
    },
    algorithm: { ...algorithm, description: 'hmac, field_hash: the hash.', example: 'sha256' },
    algorithmIn: {
      type: 'object',
      additionalProperties: false,
      required: ['header', 'values'],
      description: 'hmac: the sender names the algorithm in a header.',
      properties: {
        header: { ...header, description: 'In lower case.', example: 'x-payload-digest-alg' },
        values: {
          type: 'object',
          minProperties: 1,
          maxProperties: 10,
          additionalProperties: algorithm,
          description: 'The algorithm by what the header says.',
          example: { HMAC_SHA256_HEX: 'sha256' },
        },
      },
    },
    encoding: {
      type: 'string',
      enum: ['hex', 'base64'],
      description: 'hmac, field_hash: how the hash is written. Hex is lower case.',
      example: 'hex',
    },
    signed: {
      ...template,
      description:
        'What is signed. hmac: {body}, {timestamp} and {header:name} in any text; {body} unless said. field_hash: {secret} and {/pointer} in any text.',
      example: '{timestamp}.{body}',
    },
    signedWhen: {
      type: 'array',
      maxItems: 4,
      description: 'field_hash: another text when a field is there.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['present', 'signed'],
        properties: {
          present: { ...place, description: 'Pointer to the field.', example: '/additional_charges' },
          signed: { ...template, description: 'What is signed then.', example: '{/additional_charges}|{secret}|{/status}' },
        },
      },
    },
    timestamp: {
      type: 'object',
      additionalProperties: false,
      required: ['header', 'unit', 'toleranceSeconds'],
      description: 'hmac: a signed time. A webhook whose time is too far away is refused.',
      properties: {
        header: { ...header, description: 'In lower case.', example: 'x-timestamp' },
        separator: { type: 'string', minLength: 1, maxLength: 3, description: 'As for the signature.', example: ',' },
        prefix: { type: 'string', minLength: 1, maxLength: 20, description: 'As for the signature.', example: 't=' },
        unit: { type: 'string', enum: ['s', 'ms'], description: 'Seconds or milliseconds since 1970.', example: 's' },
        toleranceSeconds: {
          type: 'integer',
          minimum: 1,
          maximum: 86_400,
          description: 'How far it may be away, in both directions.',
          example: 300,
        },
      },
    },
    secret: {
      type: 'string',
      enum: ['text', 'whsec'],
      description: 'hmac: `whsec` when secrets are base64 after whsec_.',
      example: 'text',
    },
    field: { ...place, description: 'field_hash: pointer to the field with the hash.', example: '/hash' },
    header: { ...header, description: 'token: the header with the secret, in lower case.', example: 'x-webhook-token' },
    prefix: { type: 'string', minLength: 1, maxLength: 20, description: 'token: what stands before it.', example: 'Bearer ' },
    query: {
      type: 'string',
      pattern: '^[A-Za-z0-9_-]{1,40}$',
      description: 'token: the parameter of the address with the secret, for senders that cannot set a header.',
      example: 'token',
    },
  },
} as const;
