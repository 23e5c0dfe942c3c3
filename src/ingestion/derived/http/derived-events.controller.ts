import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@wapas/database';
import { formatDuration, isRecord, toIso } from '@wapas/kernel';
import { notFound, Problem, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../../access/access.api';
import { ApiProblems } from '../../../http/api-problems';
import { DerivedDefinitions } from '../derived-definitions';
import { derivedDefinitionSchema } from '../rules/definition';
import { DerivedEventsDto, PublishedDerivedEventDto } from './derived-events.dto';

const KEY = { name: 'key', example: 'cart_abandoned', description: 'The definition.' } as const;

@ApiTags('Derived events')
@ApiBearerAuth()
@Controller('v1/derived-events')
export class DerivedEventsController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DerivedDefinitions) private readonly definitions: DerivedDefinitions,
  ) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'Events that follow from silence: what is defined, and how much waits' })
  @ApiResponse({ status: 200, description: 'The definitions in force.', type: DerivedEventsDto })
  @ApiProblems(401, 403, 503)
  async list(): Promise<DerivedEventsDto> {
    const [book, waiting] = await Promise.all([this.definitions.book(this.database), this.definitions.waiting()]);
    return {
      derivedEvents: book.current().map(({ key, version, definition, idle, publishedAt }) => ({
        key,
        version,
        event: definition.event,
        after: definition.after,
        unless: definition.unless ?? [],
        idle: formatDuration(idle),
        by: definition.by,
        waiting: waiting.get(key) ?? 0,
        publishedAt: toIso(publishedAt),
      })),
    };
  }

  @Put(':key')
  @HttpCode(200)
  @Needs('admin')
  @ApiOperation({
    summary: 'Define an event that follows from silence',
    description:
      'Activity happened, and neither an ending nor more activity for `idle` on the same key. In force everywhere with the answer. What began under the version before ends under it.',
  })
  @ApiParam(KEY)
  @ApiBody({ schema: derivedDefinitionSchema as object })
  @ApiResponse({ status: 200, description: 'In force.', type: PublishedDerivedEventDto })
  @ApiProblems(400, 401, 403, 413, 415, 422, 503)
  async publish(
    @Param('key') key: string,
    @Body() body: unknown,
    @Req() request: CallerRequest,
  ): Promise<PublishedDerivedEventDto> {
    if (!isRecord(body)) throw new Problem(400, 'not_an_object', 'The body must be one JSON object, a definition.');
    if ((body as { key?: unknown }).key !== key)
      throw unprocessable([{ at: '/key', code: 'key_mismatch', detail: 'It must be the key in the address.' }]);
    const result = await this.definitions.publish(body, CallerOf(request).keyId);
    if ('faults' in result) throw unprocessable(result.faults);
    return result;
  }

  @Delete(':key')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Retire a definition', description: 'What waits for silence under it comes to nothing.' })
  @ApiParam(KEY)
  @ApiResponse({ status: 204, description: 'Retired.' })
  @ApiProblems(401, 403, 404, 503)
  async retire(@Param('key') key: string, @Req() request: CallerRequest): Promise<void> {
    if (!(await this.definitions.retire(key, CallerOf(request).keyId))) throw notFound('definition in force');
  }
}
