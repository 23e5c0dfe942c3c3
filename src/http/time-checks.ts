import { parseInstant } from '@wapas/kernel';
import { ValidateBy, type ValidationArguments } from 'class-validator';

/** RFC 3339 with a zone. */
export const IsMoment = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMoment',
    validator: {
      validate: (value: unknown) => momentOf(value) !== null,
      defaultMessage: () => 'Give RFC 3339 with a zone, such as 2026-11-23T00:00:00+05:30',
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
