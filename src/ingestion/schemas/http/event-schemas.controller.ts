import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { toIso } from '@wapas/kernel';
import { notFound, Problem, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../../access/access.api';
import { ApiProblems } from '../../../http/api-problems';
import { EventSchemas } from '../event-schemas';
import { ListEventNames } from '../list-event-names';
import { EventNamesDto, EventSchemasDto, NewEventSchemaDto } from './event-schemas.dto';

const NAME = { name: 'name', example: 'Payment Failed', description: 'The name of the events.' } as const;
const EVENT_NAME = /^[A-Za-z0-9][\x20-\x7e]{0,99}$/;

@ApiTags('Event schemas')
@ApiBearerAuth()
@Controller('v1')
export class EventSchemasController {
  constructor(
    @Inject(EventSchemas) private readonly schemas: EventSchemas,
    @Inject(ListEventNames) private readonly listEventNames: ListEventNames,
  ) {}

  @Get('events/names')
  @Needs('read')
  @ApiOperation({ summary: 'Which events come in, how many, since when, and whether anybody expects them' })
  @ApiQuery({ name: 'cursor', required: false, example: 'Payment Failed', description: '`nextCursor` of the page before.' })
  @ApiResponse({ status: 200, description: 'A page of names.', type: EventNamesDto })
  @ApiProblems(400, 401, 403, 503)
  async names(@Query('cursor') cursor?: unknown): Promise<EventNamesDto> {
    if (cursor !== undefined && typeof cursor !== 'string')
      throw new Problem(400, 'bad_cursor', 'Give `cursor` once, as the `nextCursor` of the page before.');
    const { names, next } = await this.listEventNames.page(cursor ?? '');
    return {
      names: names.map(({ name, count, firstSeenAt, lastSeenAt, schema, known }) => ({
        name,
        count,
        firstSeenAt: toIso(firstSeenAt),
        lastSeenAt: toIso(lastSeenAt),
        schema: schema?.mode ?? 'none',
        ...(schema ? { violations: schema.violations } : {}),
        known,
      })),
      nextCursor: next,
    };
  }

  @Get('event-schemas')
  @Needs('read')
  @ApiOperation({ summary: 'What is demanded of events' })
  @ApiResponse({ status: 200, description: 'All schemas.', type: EventSchemasDto })
  @ApiProblems(401, 403, 503)
  async list(): Promise<EventSchemasDto> {
    const all = await this.schemas.all();
    return {
      schemas: all.map(({ name, mode, schema, updatedAt, violations }) => ({
        name,
        mode,
        schema,
        updatedAt: toIso(updatedAt),
        violations,
      })),
    };
  }

  @Put('event-schemas/:name')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Demand something of events of a name', description: 'In force within two seconds everywhere.' })
  @ApiParam(NAME)
  @ApiResponse({ status: 204, description: 'Set.' })
  @ApiProblems(400, 401, 403, 413, 415, 422, 503)
  async set(
    @Req() request: CallerRequest,
    @Param('name') name: string,
    @Body() { mode, schema }: NewEventSchemaDto,
  ): Promise<void> {
    if (!EVENT_NAME.test(name)) throw new Problem(400, 'bad_event_name', 'No event can have this name.');
    const faults = await this.schemas.set(name, mode, schema, CallerOf(request).keyId);
    if (faults.length > 0) throw unprocessable(faults);
  }

  @Delete('event-schemas/:name')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Demand nothing any more' })
  @ApiParam(NAME)
  @ApiResponse({ status: 204, description: 'Removed.' })
  @ApiProblems(401, 403, 404, 503)
  async remove(@Req() request: CallerRequest, @Param('name') name: string): Promise<void> {
    if (!(await this.schemas.remove(name, CallerOf(request).keyId))) throw notFound('schema');
  }
}
