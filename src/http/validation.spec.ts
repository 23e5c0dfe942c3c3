import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  validateSync,
  ValidateNested,
} from 'class-validator';
import { Problem } from '@wapas/problems';
import { CheckedInput, faultsOf } from './validation';
import { MayBeAbsent } from './may-be-absent';

class PartDto {
  @IsString()
  @MaxLength(3)
  name: string;
}

class AskDto {
  @MayBeAbsent()
  @IsIn(['live', 'shadow'])
  mode?: string;

  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(500)
  limit?: number;

  @MayBeAbsent()
  @IsString()
  @Length(2, 4)
  @Matches(/^[a-z]+$/)
  word?: string;

  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  kinds?: string[];

  @IsString()
  @Length(1, 100)
  needed: string;

  @MayBeAbsent()
  @ValidateNested()
  @Type(() => PartDto)
  part?: PartDto;
}

const faults = (value: object, where: 'body' | 'parameters' = 'body') =>
  faultsOf(
    validateSync(plainToInstance(AskDto, { needed: 'x', ...value }), { whitelist: true, forbidNonWhitelisted: true }),
    where,
  );

it.each<[string, object, string, string]>([
  ['a word that is none of the list', { mode: 'lve' }, '/mode', 'bad_value'],
  ['a number beyond the most', { limit: 501 }, '/limit', 'out_of_range'],
  ['a number under the least', { limit: 0 }, '/limit', 'out_of_range'],
  ['a text for a number', { limit: 'many' }, '/limit', 'bad_type'],
  ['a text that is too short', { word: 'a' }, '/word', 'bad_length'],
  ['a text of other letters', { word: 'AB' }, '/word', 'bad_format'],
  ['an empty list', { kinds: [] }, '/kinds', 'too_few'],
  ['a list that names one twice', { kinds: ['a', 'a'] }, '/kinds', 'repeated'],
  ['a field that is needed and not there', { needed: undefined }, '/needed', 'missing_field'],
  ['a field nobody knows', { colour: 1 }, '/colour', 'unknown_field'],
  ['null for a field that may be left out', { word: null }, '/word', 'bad_type'],
  ['null for one that is needed', { needed: null }, '/needed', 'bad_type'],
  ['null for a part', { part: null }, '/part', 'bad_type'],
  ['a part of a part', { part: { name: 'long' } }, '/part/name', 'too_long'],
  ['a part of a part that is not there', { part: {} }, '/part/name', 'missing_field'],
  ['a field of a part that nobody knows', { part: { name: 'x', colour: 1 } }, '/part/colour', 'unknown_field'],
])('%s is one fault, with its place and our own code', (_title, value, at, code) =>
  expect(faults(value)).toEqual([{ at, code, detail: expect.stringMatching(/^.{10,}\.$/) as string }]),
);

it('a parameter goes by its name, also one nobody knows', () =>
  expect(faults({ limit: 0, sort: 1 }, 'parameters').map(({ at, code }) => [at, code])).toEqual([
    ['sort', 'unknown_field'],
    ['limit', 'out_of_range'],
  ]));

it('what is no object is said to be none', () =>
  expect(faultsOf(validateSync([] as object, { forbidUnknownValues: true }), 'body')).toEqual([
    { at: '/', code: 'not_an_object', detail: expect.any(String) as string },
  ]));

it('a name that may be data is not repeated', () =>
  expect(JSON.stringify(faults({ '919876543210': 1 }))).not.toContain('9876543210'));

it('of a field that nobody knows it is said which there are, where they stand in one line', async () => {
  const detail = async (body: object): Promise<string | undefined> => {
    const answer = new CheckedInput().transform({ needed: 'x', ...body }, { type: 'body', metatype: AskDto });
    const problem = await answer.catch((error: unknown) => error);
    return problem instanceof Problem ? problem.extra.faults?.[0]?.detail : undefined;
  };
  expect(await detail({ part: { name: 'x', colour: 1 } })).toBe('This route knows no field "colour" here; it knows name.');
  expect(await detail({ colour: 1 })).toMatch(/; it knows .*\bmode\b.*\.$/);
});
