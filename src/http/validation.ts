import { type ArgumentMetadata, ValidationPipe, type ValidationError } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { type Fault, unknownField, unknownParameter, unprocessable } from '@wapas/problems';
import { faultsOfTexts } from './texts';

/**
 * Checks what a route is given by the decorators of its DTO and names everything that is wrong, in our codes and not in a library's. What
 * no database keeps is refused before: a body without a DTO is its route's own to check.
 */
export class CheckedInput extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
      // Asked which fields it knows; no answer repeats what it holds.
      validationError: { target: true },
      exceptionFactory: (errors) => new Refused(errors),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const checked = await this.check(value, metadata);
    if (checked.ok) return checked.value;
    throw unprocessable(checked.faults);
  }

  /** The same for a route that has more to find fault with, and names it all at once. */
  async check(
    value: unknown,
    metadata: ArgumentMetadata,
  ): Promise<{ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly faults: readonly Fault[] }> {
    const isOwnToCheck = metadata.type === 'custom' || (metadata.type === 'body' && metadata.metatype === Object);
    const unstorable = isOwnToCheck ? [] : faultsOfTexts(value, metadata.data ?? '');
    if (unstorable.length > 0) return { ok: false, faults: unstorable };
    try {
      return { ok: true, value: await super.transform(value, metadata) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { ok: false, faults: faultsOf(error.errors, metadata.type === 'body' ? 'body' : 'parameters') };
    }
  }
}

class Refused extends Error {
  constructor(readonly errors: readonly ValidationError[]) {
    super('refused');
  }
}

/** Places in a body are JSON pointers; a parameter goes by its name. Of what was sent nothing is repeated but what can only be a field's name. */
export function faultsOf(errors: readonly ValidationError[], where: 'body' | 'parameters'): Fault[] {
  return errors.flatMap((error) => faultsOfOne(error, where === 'body' ? '' : undefined));
}

function faultsOfOne(error: ValidationError, parent: string | undefined): Fault[] {
  const { constraints = {}, children = [], property } = error;
  if (constraints.whitelistValidation !== undefined)
    return [parent === undefined ? unknownParameter(property) : unknownField(parent, property, hintAt(error.target))];
  if (constraints.unknownValue !== undefined) return [{ at: '/', code: 'not_an_object', detail: 'Send a JSON object.' }];
  const at = parent === undefined ? property : `${parent}/${property}`;
  if (error.value === undefined && Object.keys(constraints).length > 0)
    return [{ at, code: 'missing_field', detail: 'This route needs it. Add it; /docs has an example.' }];
  if (error.value === null && Object.keys(constraints).length > 0)
    return [{ at, code: 'bad_type', detail: 'It cannot be null. Give it a value, or leave it out where it is optional.' }];
  const own = Object.entries(constraints).map(([constraint, words]) => ({
    at,
    code: CODES[constraint] ?? 'bad_value',
    detail: detailOf(words),
  }));
  const ofAnotherType = own.find(({ code }) => code === 'bad_type');
  return [...(ofAnotherType ? [ofAnotherType] : own), ...children.flatMap((child) => faultsOfOne(child, at))];
}

/** More names than these are read more easily in the documentation. */
const MOST_NAMES = 12;

/** Which fields there are where a strange one stood. */
function hintAt(target: object | undefined): string {
  const known = new Set(
    target &&
      getMetadataStorage()
        .getTargetValidationMetadatas(target.constructor, '', false, false)
        .map((one) => one.propertyName),
  );
  return known.size === 0 || known.size > MOST_NAMES ? '/docs lists those that it knows' : `it knows ${[...known].join(', ')}`;
}

/** The names of class-validator's constraints, in the words that events and journey files are refused with. */
const CODES: Readonly<Record<string, string>> = {
  isString: 'bad_type',
  isInt: 'bad_type',
  isNumber: 'bad_type',
  isNumberString: 'bad_type',
  isBoolean: 'bad_type',
  isObject: 'bad_type',
  isArray: 'bad_type',
  isIn: 'bad_value',
  isTimeZone: 'bad_format',
  isZone: 'unknown_zone',
  isMoment: 'bad_time',
  isMonthOrDay: 'bad_time',
  isEarlierThan: 'empty_range',
  isUuid: 'bad_format',
  matches: 'bad_format',
  min: 'out_of_range',
  max: 'out_of_range',
  isLength: 'bad_length',
  minLength: 'bad_length',
  maxLength: 'too_long',
  arrayMinSize: 'too_few',
  arrayMaxSize: 'too_many',
  isNotEmptyObject: 'too_few',
  arrayUnique: 'repeated',
};

function detailOf(words: string): string {
  const pattern = / must match (\/.*\/\w*) regular expression$/.exec(words)?.[1];
  return pattern === undefined ? `${words}.` : `It must match ${pattern}; /docs has an example.`;
}
