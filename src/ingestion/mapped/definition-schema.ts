import { mappingSchema } from './mapping-schema';
import { recipeSchema } from './recipe-schema';

/**
 * The JSON Schema of a mapped source, checked by check-definition.ts and published by Swagger. Unions are told apart by hand
 * there: a validator that tries all branches complains about every one of them.
 */
export const definitionSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 100, description: 'For people.', example: 'Payments of the travel desk' },
    preset: {
      type: 'string',
      maxLength: 40,
      description:
        'Recipe and mapping of a vendor that is known here (`GET /v1/source-presets`); what stands beside it goes first.',
      example: 'payu',
    },
    recipe: recipeSchema,
    mapping: mappingSchema,
    pingField: {
      type: 'string',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      description: 'A form with this one field and a number is the sender trying the address: answered 200 without a signature.',
      example: 'webhook_id',
    },
    test: {
      type: 'boolean',
      description:
        'What it sends belongs to test mode, as what comes with a test key does: it reaches test addresses alone, and stops and counts nothing that is live.',
      example: false,
    },
    secrets: {
      type: 'array',
      minItems: 1,
      maxItems: 8,
      items: { type: 'string', minLength: 1, maxLength: 500 },
      description: 'All of them, replacing those there are. Required for a new source, kept when absent. Never shown again.',
      example: ['a-long-secret-of-the-sender'],
    },
  },
} as const;
