import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { isRecord, toIso } from '@wapas/kernel';
import { notFound, Problem, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../../access/access.api';
import { ApiProblems } from '../../../http/api-problems';
import { amountAsPosted, type NewEvent } from '../../rules/new-event';
import { effectiveOf } from '../definition';
import { definitionSchema } from '../definition-schema';
import { ListSources } from '../list-sources';
import { type Changed, MappedSources } from '../mapped-sources';
import { presets } from '../presets/registry';
import { TrySource } from '../try-source';
import {
  AddedSecretDto,
  DEFINITION_EXAMPLE,
  MappedSourceDto,
  NewSecretDto,
  PROFILES_EXAMPLE,
  SampleDto,
  SourcePresetsDto,
  SourcesDto,
  TriedDto,
} from './mapped-sources.dto';

const NAME = { name: 'name', example: 'travel-desk', description: 'The mapped source.' } as const;
const SOURCE = 'mapped source';

@ApiTags('Sources')
@ApiBearerAuth()
@Controller('v1')
export class MappedSourcesController {
  constructor(
    @Inject(MappedSources) private readonly mappedSources: MappedSources,
    @Inject(ListSources) private readonly listSources: ListSources,
    @Inject(TrySource) private readonly trySource: TrySource,
  ) {}

  @Get('source-presets')
  @Needs('read')
  @ApiOperation({ summary: 'Vendors whose webhooks are known here, to set up a mapped source with' })
  @ApiResponse({ status: 200, description: 'All presets.', type: SourcePresetsDto })
  @ApiProblems(401, 403, 503)
  listPresets(): SourcePresetsDto {
    return {
      presets: [...presets.values()].map(({ key, title, status, origin, notes, recipe, mapping }) => ({
        key,
        title,
        status,
        origin: { page: origin.page, readOn: origin.readOn },
        notes,
        recipe,
        mapping,
      })),
    };
  }

  @Get('sources')
  @Needs('read')
  @ApiOperation({ summary: 'Where events come from: every source, its address, and when it was last heard' })
  @ApiResponse({ status: 200, description: 'All sources.', type: SourcesDto })
  @ApiProblems(401, 403, 503)
  async list(): Promise<SourcesDto> {
    const listed = await this.listSources.list();
    return {
      sources: listed.map(({ name, title, kind, address, isSetUp, setting, preset, lastHeardAt }) => ({
        name,
        title,
        kind,
        address,
        isSetUp,
        setting,
        preset,
        lastHeardAt: lastHeardAt === undefined ? undefined : toIso(lastHeardAt),
      })),
    };
  }

  @Get('sources/:name')
  @Needs('read')
  @ApiOperation({ summary: 'A mapped source, without its secrets' })
  @ApiParam(NAME)
  @ApiResponse({ status: 200, description: 'The source.', type: MappedSourceDto })
  @ApiProblems(401, 403, 404, 503)
  async get(@Param('name') name: string): Promise<MappedSourceDto> {
    const stored = await this.mappedSources.get(name);
    const effective = stored && effectiveOf(stored.definition);
    if (!stored || !effective) throw notFound(SOURCE);
    const { title, preset } = stored.definition;
    return {
      name,
      address: this.listSources.addressOf(name),
      title,
      preset,
      recipe: effective.recipe,
      mapping: effective.mapping,
      pingField: effective.pingField,
      test: effective.test,
      secrets: (stored.secrets ?? []).map(({ id, addedAt }) => ({ id, addedAt })),
      updatedAt: toIso(stored.updatedAt),
    };
  }

  @Put('sources/:name')
  @HttpCode(200)
  @Needs('admin')
  @ApiOperation({
    summary: 'Set up a source of your own, or change it',
    description:
      'Its sender posts to the address in the answer. In force here with the answer, in other containers within two seconds. Everything that is wrong is said at once. Try a body first: `POST /v1/sources/{name}/try`.',
  })
  @ApiParam(NAME)
  @ApiBody({
    schema: definitionSchema as object,
    examples: {
      payments: { summary: 'Payments of a gateway', value: DEFINITION_EXAMPLE },
      profiles: { summary: 'People, their devices and what they agree to', value: PROFILES_EXAMPLE },
    },
  })
  @ApiResponse({ status: 200, description: 'In force.', type: MappedSourceDto })
  @ApiProblems(400, 401, 403, 413, 415, 422, 503)
  async set(@Req() request: CallerRequest, @Param('name') name: string, @Body() body: unknown): Promise<MappedSourceDto> {
    if (!isRecord(body)) throw new Problem(400, 'not_an_object', 'The body must be one JSON object, a source.');
    refuse(await this.mappedSources.set(name, body, CallerOf(request).keyId));
    return this.get(name);
  }

  @Delete('sources/:name')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Remove a mapped source', description: 'Its address answers 404; its events stay.' })
  @ApiParam(NAME)
  @ApiResponse({ status: 204, description: 'Removed.' })
  @ApiProblems(401, 403, 404, 503)
  async remove(@Req() request: CallerRequest, @Param('name') name: string): Promise<void> {
    if (!(await this.mappedSources.remove(name, CallerOf(request).keyId))) throw notFound(SOURCE);
  }

  @Post('sources/:name/secrets')
  @HttpCode(201)
  @Needs('admin')
  @ApiOperation({
    summary: 'Add a secret: the first half of a rotation',
    description:
      'From now on both the new and the old ones are good. When the sender signs with the new one, remove the old one.',
  })
  @ApiParam(NAME)
  @ApiResponse({ status: 201, description: 'Good from now on.', type: AddedSecretDto })
  @ApiProblems(400, 401, 403, 404, 413, 415, 422, 503)
  async addSecret(
    @Req() request: CallerRequest,
    @Param('name') name: string,
    @Body() { secret }: NewSecretDto,
  ): Promise<AddedSecretDto> {
    const added = await this.mappedSources.addSecret(name, secret, CallerOf(request).keyId);
    if ('id' in added) return { id: added.id };
    throw added.outcome === 'unknown' ? notFound(SOURCE) : unprocessable(added.faults);
  }

  @Delete('sources/:name/secrets/:id')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Remove a secret: the second half',
    description: 'What is signed with it gets 401. The last one stays.',
  })
  @ApiParam(NAME)
  @ApiParam({ name: 'id', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The secret.' })
  @ApiResponse({ status: 204, description: 'Removed.' })
  @ApiProblems(401, 403, 404, 422, 503)
  async removeSecret(@Req() request: CallerRequest, @Param('name') name: string, @Param('id') id: string): Promise<void> {
    refuse(await this.mappedSources.removeSecret(name, id, CallerOf(request).keyId));
  }

  @Post('sources/:name/try')
  @HttpCode(200)
  @Needs('admin')
  @ApiOperation({ summary: 'See what a webhook would become', description: 'Nothing is stored and nobody is messaged.' })
  @ApiParam(NAME)
  @ApiResponse({ status: 200, description: 'What would come of it.', type: TriedDto })
  @ApiProblems(400, 401, 403, 404, 413, 415, 422, 503)
  async try(@Param('name') name: string, @Body() { headers, query, body, definition }: SampleDto): Promise<TriedDto> {
    const texts = [...Object.values(headers ?? {}), ...Object.values(query ?? {})] as unknown[];
    if (texts.some((text) => typeof text !== 'string'))
      throw unprocessable([{ at: '/headers', code: 'bad_type', detail: 'Headers and parameters are texts.' }]);
    const tried = await this.trySource.try(name, {
      headers: headers ?? undefined,
      query: query ?? undefined,
      body,
      definition: definition ?? undefined,
    });
    if (tried.outcome === 'unknown') throw notFound(SOURCE);
    if (tried.outcome === 'refused')
      throw unprocessable(tried.faults.map((fault) => ({ ...fault, at: `/definition${fault.at}` })));
    const { outcome, reason, events, dropped, authentic } = tried;
    const [event, ...more] = events.map(asTheApiTakesIt);
    return { outcome, reason, event, events: event && more.length > 0 ? [event, ...more] : undefined, dropped, authentic };
  }
}

function refuse(changed: Changed): void {
  if (changed.outcome === 'unknown') throw notFound('secret of this source');
  if (changed.outcome === 'refused') throw unprocessable(changed.faults);
}

function asTheApiTakesIt({ name, sourceEventId, occurredAt, test, content }: NewEvent): object {
  const { person, keys, reason, properties, consents } = content;
  return {
    event: name,
    eventId: sourceEventId,
    occurredAt: occurredAt === undefined ? undefined : toIso(occurredAt),
    person,
    keys,
    amount: amountAsPosted(content),
    reason,
    properties,
    consents,
    test: test || undefined,
  };
}
