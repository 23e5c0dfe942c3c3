import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, ApiResponse, getSchemaPath } from '@nestjs/swagger';

class FaultDto {
  @ApiProperty({ example: '/person/phone', description: 'JSON pointer into the body, or the name of a header or parameter.' })
  at: string;

  @ApiProperty({ example: 'bad_phone', description: 'Stable machine code.' })
  code: string;

  @ApiProperty({
    example: 'This is not a valid phone number. Give E.164, such as +919812345678.',
    description: 'What is wrong and what to do.',
  })
  detail: string;
}

/** RFC 9457 problem body, as Swagger shows it. */
export class ProblemDto {
  @ApiProperty({ example: 'urn:wapas:problem:bad_phone', description: 'Names the kind of problem.' })
  type: string;

  @ApiProperty({ example: 'Unprocessable', description: 'The status in words.' })
  title: string;

  @ApiProperty({ example: 422, description: 'The HTTP status.' })
  status: number;

  @ApiProperty({ example: 'bad_phone', description: 'Stable machine code: branch on this one.' })
  code: string;

  @ApiProperty({ example: 'One thing is wrong; see faults.', description: 'What is wrong and what to do.' })
  detail: string;

  @ApiPropertyOptional({ type: [FaultDto], description: 'Everything that is wrong with the body, at once.' })
  faults?: FaultDto[];
}

const MEANINGS: Record<number, string> = {
  400: 'The request cannot be read.',
  401: 'The key is missing, malformed, unknown or revoked (`not_authenticated`), or has expired (`key_expired`).',
  403: 'The key lacks the scope.',
  404: 'There is no such thing.',
  409: 'It contradicts what was sent before.',
  410: 'It is over.',
  413: 'Larger than this route takes.',
  415: 'Not JSON in UTF-8.',
  422: 'Understood, but something in it is wrong; every fault is listed.',
  429: 'Too fast; wait for Retry-After seconds. Nothing was stored.',
  500: 'Something unforeseen happened on our side, or in a provider (`provider_broken`); it has been logged. Send it again later.',
  503: 'We cannot store anything right now; wait for Retry-After seconds. Nothing was stored.',
};

const PROBLEM = { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } };

/** Documents error answers of a route, all with the same body. */
export function ApiProblems(...statuses: number[]): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ...statuses.map((status) => ApiResponse({ status, description: MEANINGS[status] ?? 'Error.', content: PROBLEM })),
  );
}
