import { parseInstant } from '@wapas/kernel';
import { ValidateBy, type ValidationArguments } from 'class-validator';

/** What a + in the query of an address arrives as. */
const PLUS_LOST = /\d \d\d:\d\d$/;

/** RFC 3339 with a zone. */
export const IsMoment = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMoment',
    validator: {
      validate: (value: unknown) => momentOf(value) !== null,
      defaultMessage: (args?: ValidationArguments) =>
        PLUS_LOST.test(String(args?.value))
          ? 'The + of the zone came as a blank: in an address it is written %2B, as in 2026-11-23T00:00:00%2B05:30'
          : 'Give RFC 3339 with a zone, such as 2026-11-23T00:00:00+05:30',
    },
  });

/** Earlier than another moment of the same request. Silent where one of the two is absent or no moment: others say so. */
export const IsEarlierThan = (other: string): PropertyDecorator =>
  ValidateBy({
    name: 'isEarlierThan',
    constraints: [other],
    validator: {
      validate: (value: unknown, args?: ValidationArguments) => {
        const [start, end] = [
          momentOf(value),
          momentOf((args?.object as Readonly<Record<string, unknown>> | undefined)?.[other]),
        ];
        return start === null || end === null || start < end;
      },
      defaultMessage: () => `It must be earlier than \`${other}\``,
    },
  });

const momentOf = (value: unknown) => (typeof value === 'string' ? parseInstant(value) : null);
