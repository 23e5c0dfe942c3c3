import { ValidateIf } from 'class-validator';

/**
 * The field may be left out. Null is a value like others and is checked: `IsOptional` lets it pass unseen, and whoever reads the field then
 * meets what its type denies. A field that documents null keeps `IsOptional`.
 */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_of, value: unknown) => value !== undefined);
