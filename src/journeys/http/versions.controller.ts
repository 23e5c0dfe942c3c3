import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { notFound, Problem, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { Catalogue, type ReleasedVersion } from '../catalogue';
import { ChangeJourneys, type Change } from '../change-journeys';
import { definitionSchema } from '../rules/definition-schema';
import { diffDefinitions } from '../rules/diff-definitions';
import { inSchemaOrder } from '../rules/in-schema-order';
import {
  AuditDto,
  DiffDto,
  DiffQueryDto,
  DRAFT_EXAMPLE,
  DraftDto,
  PublishedDto,
  ReleaseDto,
  type VersionDto,
  VersionsDto,
  VersionWithDefinitionDto,
} from './versions.dto';

const KEY = { name: 'key', example: 'payment_failed', description: 'The journey.' };
const VERSION = { name: 'version', example: 4, description: 'The version.' };

@ApiTags('Journeys')
@ApiBearerAuth()
@Controller('v1/journeys/:key')
export class VersionsController {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(ChangeJourneys) private readonly changes: ChangeJourneys,
  ) {}

  @Put('draft')
  @Needs('admin')
  @ApiOperation({
    summary: 'Write the draft of a journey',
    description: 'It is kept, sound or not, and everything that is wrong with it is said at once. At most 64 KiB.',
  })
  @ApiParam(KEY)
  @ApiBody({ schema: { ...(definitionSchema as object), example: DRAFT_EXAMPLE } })
  @ApiResponse({ status: 200, description: 'Kept. `validated`: it can be published.', type: DraftDto })
  @ApiProblems(400, 401, 403, 413, 415, 422, 503)
  async writeDraft(@Req() request: CallerRequest, @Param('key') key: string, @Body() body: unknown): Promise<DraftDto> {
    if (this.catalogue.unkeepable(body).length > 0) throw unprocessable(this.changes.faultsOf(checkedKey(key), body));
    const faults = await this.changes.draft(checkedKey(key), body, CallerOf(request).keyId);
    return { state: faults.length === 0 ? 'validated' : 'draft', faults: [...faults] };
  }

  @Get('draft')
  @Needs('read')
  @ApiOperation({ summary: 'The draft of a journey' })
  @ApiParam(KEY)
  @ApiResponse({ status: 200, description: 'The draft and what is wrong with it.', type: DraftDto })
  @ApiProblems(401, 403, 404)
  async readDraft(@Param('key') key: string): Promise<DraftDto> {
    const draft = await this.changes.findDraft(key);
    if (!draft) throw notFound('draft');
    const { definition, faults, updatedAt, updatedBy } = draft;
    const state = faults.length === 0 ? 'validated' : 'draft';
    return {
      state,
      faults: [...faults],
      definition: inSchemaOrder(definition) as object,
      updatedAt: updatedAt.toISOString(),
      updatedBy,
    };
  }

  @Post('versions')
  @Needs('admin')
  @ApiOperation({
    summary: 'Publish the draft as the next version',
    description:
      'A version never changes. Runs stay on the version they entered. Begin in shadow or with a share, then raise it.',
  })
  @ApiParam(KEY)
  @ApiResponse({ status: 201, description: 'Published, in force everywhere within two seconds.', type: PublishedDto })
  @ApiResponse({ status: 200, description: 'The latest version says the same already.', type: PublishedDto })
  @ApiProblems(400, 401, 403, 404, 422, 503)
  async publish(
    @Req() request: CallerRequest,
    @Param('key') key: string,
    @Body() body: ReleaseDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublishedDto> {
    const result = await this.changes.publishDraft(
      key,
      { mode: body.mode ?? 'live', share: body.share ?? 100 },
      CallerOf(request).keyId,
    );
    if (result.outcome === 'no_draft') throw notFound('draft');
    if (result.outcome === 'refused') throw unprocessable(result.faults);
    void reply.status(result.isNew ? 201 : 200);
    return { version: result.version, isNew: result.isNew };
  }

  @Get('versions')
  @Needs('read')
  @ApiOperation({ summary: 'Every version of a journey' })
  @ApiParam(KEY)
  @ApiResponse({ status: 200, description: 'Newest first.', type: VersionsDto })
  @ApiProblems(401, 403, 404)
  versions(@Param('key') key: string): VersionsDto {
    const versions = this.catalogue.versionsOf(key);
    if (versions.length === 0) throw notFound('journey');
    return { standing: this.catalogue.standingOf(key), versions: versions.map(toVersionDto) };
  }

  @Get('versions/:version')
  @Needs('read')
  @ApiOperation({ summary: 'One version, as it was published' })
  @ApiParam(KEY)
  @ApiParam(VERSION)
  @ApiResponse({ status: 200, description: 'The version.', type: VersionWithDefinitionDto })
  @ApiProblems(400, 401, 403, 404)
  version(@Param('key') key: string, @Param('version') version: string): VersionWithDefinitionDto {
    const found = this.found(key, version);
    return { ...toVersionDto(found), definition: inSchemaOrder(found.definition) };
  }

  @Put('versions/:version/release')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Let a version out further, or less far',
    description:
      'Concerns who enters from now on. What is left out stays as it is: a share that is raised in shadow stays in shadow.',
  })
  @ApiParam(KEY)
  @ApiParam(VERSION)
  @ApiResponse({ status: 204, description: 'So it is, everywhere within two seconds.' })
  @ApiProblems(400, 401, 403, 404, 422, 503)
  async release(
    @Req() request: CallerRequest,
    @Param('key') key: string,
    @Param('version') version: string,
    @Body() body: ReleaseDto,
  ): Promise<void> {
    const found = this.found(key, version);
    assertKnown(await this.changes.release(key, found.version, body, CallerOf(request).keyId));
  }

  @Get('diff')
  @Needs('read')
  @ApiOperation({ summary: 'What changed from one version to another' })
  @ApiParam(KEY)
  @ApiResponse({ status: 200, description: 'Every place in which they differ.', type: DiffDto })
  @ApiProblems(401, 403, 404, 422)
  diff(@Param('key') key: string, @Query() query: DiffQueryDto): DiffDto {
    const versions = this.catalogue.versionsOf(key);
    if (versions.length === 0) throw notFound('journey');
    const [from, to] = (['from', 'to'] as const).map((name) => {
      const found = versions.find(({ version }) => version === query[name]);
      if (found) return found.definition;
      const detail = `There is no version ${query[name]}, which \`${name}\` asks for. GET /v1/journeys/${key}/versions lists them.`;
      throw new Problem(404, 'not_found', detail);
    });
    return { differences: diffDefinitions(from, to) };
  }

  @Post('pause')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Pause a journey',
    description:
      'Nothing more is claimed from the moment of the answer. People in flight are kept: what comes due waits. Triggers are refused as `journey_paused`; goals and exits go on ending runs. Archived, it takes nobody in already, and is not paused (`journey_archived`).',
  })
  @ApiParam(KEY)
  @ApiResponse({ status: 204, description: 'Paused.' })
  @ApiProblems(401, 403, 404, 409, 503)
  async pause(@Req() request: CallerRequest, @Param('key') key: string): Promise<void> {
    const change = await this.changes.stand(key, 'paused', CallerOf(request).keyId);
    if (change.outcome === 'archived') throw archived(key);
    assertKnown(change);
  }

  @Post('resume')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Take a paused or archived journey up again',
    description: 'At a steady pace, 200 runs a second: what is too late expires by its own rule, the rest goes out.',
  })
  @ApiParam(KEY)
  @ApiResponse({ status: 204, description: 'It goes on.' })
  @ApiProblems(401, 403, 404, 503)
  async resume(@Req() request: CallerRequest, @Param('key') key: string): Promise<void> {
    assertKnown(await this.changes.stand(key, 'published', CallerOf(request).keyId));
  }

  @Post('archive')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Archive a journey',
    description:
      'Nobody enters any more; who is under way finishes, who waits in a paused one too. To keep them from it, pause it and leave it paused.',
  })
  @ApiParam(KEY)
  @ApiResponse({ status: 204, description: 'Archived.' })
  @ApiProblems(401, 403, 404, 503)
  async archive(@Req() request: CallerRequest, @Param('key') key: string): Promise<void> {
    assertKnown(await this.changes.stand(key, 'archived', CallerOf(request).keyId));
  }

  @Get('audit')
  @Needs('admin')
  @ApiOperation({ summary: 'Who did what to a journey' })
  @ApiParam(KEY)
  @ApiResponse({ status: 200, description: 'The latest 200 acts, newest first.', type: AuditDto })
  @ApiProblems(401, 403, 404)
  async audit(@Param('key') key: string): Promise<AuditDto> {
    const entries = await this.changes.audit(key);
    if (entries.length === 0 && this.catalogue.versionsOf(key).length === 0) throw notFound('journey');
    return {
      entries: entries.map(({ act, version, actor, detail, at }) => ({ act, version, actor, detail, at: at.toISOString() })),
    };
  }

  private found(key: string, version: string): ReleasedVersion {
    if (!/^[1-9]\d{0,8}$/.test(version ?? '')) throw new Problem(400, 'bad_version', 'A version is a whole number from 1.');
    const found = this.catalogue.versionsOf(key).find((one) => one.version === Number(version));
    if (!found) throw notFound('version');
    return found;
  }
}

function checkedKey(key: string): string {
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(key))
    throw new Problem(400, 'bad_key', 'A journey key is lower-case letters, digits and _, at most 64.');
  return key;
}

/** Resuming what was paused takes people in: whoever pauses an archived journey would have taken it out of the archive unawares. */
const archived = (key: string): Problem =>
  new Problem(
    409,
    'journey_archived',
    `It is archived: nobody enters, and who is under way finishes. To stop them too, take it up again with POST /v1/journeys/${key}/resume and pause it then; PUT /v1/operations/stop stops everything at once.`,
  );

function assertKnown({ outcome }: Change): void {
  if (outcome === 'unknown') throw notFound('journey');
}

const toVersionDto = ({ version, mode, share, publishedAt }: ReleasedVersion): VersionDto => ({
  version,
  mode,
  share,
  publishedAt: publishedAt.toISOString(),
});
