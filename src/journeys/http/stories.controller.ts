import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { toIso } from '@wapas/kernel';
import { notFound } from '@wapas/problems';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { checkedId } from '../../http/checked-id';
import { TellStory, type TimelineEntry } from '../tell-story';
import { KnownJourneys } from '../journeys.api';
import { RefusalsDto, RefusalsQueryDto } from './refusals.dto';
import { RunDto, TimelineDto, type TimelineEntryDto } from './stories.dto';

@ApiTags('Timelines')
@ApiBearerAuth()
@Controller('v1')
export class StoriesController {
  constructor(
    @Inject(TellStory) private readonly tellStory: TellStory,
    @Inject(KnownJourneys) private readonly journeys: KnownJourneys,
  ) {}

  @Get('runs/:id')
  @Needs('read')
  @ApiOperation({ summary: 'One run: what happened, what was decided and why' })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The run.' })
  @ApiResponse({ status: 200, description: 'The run with its timeline.', type: RunDto })
  @ApiProblems(400, 401, 403, 404)
  async run(@Param('id') id: string): Promise<RunDto> {
    const story = await this.tellStory.ofRun(checkedId(id));
    if (!story) throw notFound('run');
    const { run, timeline } = story;
    return {
      id: run.id,
      journey: run.journeyKey,
      version: run.version,
      personId: run.personId,
      arm: run.arm,
      shadow: run.shadow,
      test: run.test,
      state: run.endedAt ? 'ended' : 'live',
      enteredAt: run.enteredAt.toISOString(),
      startedAt: run.startedAt.toISOString(),
      dueAt: run.dueAt?.toISOString() ?? null,
      endedAt: run.endedAt?.toISOString() ?? null,
      endReason: run.endReason,
      timeline: timeline.map(toDto),
    };
  }

  @Get('people/:id/timeline')
  @Needs('read')
  @ApiOperation({
    summary: 'One person: why did they (not) get a message?',
    description:
      'Events, entries and refusals with their reasons, decisions, calls, receipts; stops (`stop_word` and others), with what they forbid, and when they were taken back. The latest 50 runs, 200 events and 50 stops. Find a person by customer id or phone with GET /v1/people.',
  })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The person.' })
  @ApiResponse({ status: 200, description: 'The timeline.', type: TimelineDto })
  @ApiProblems(400, 401, 403, 404)
  async person(@Param('id') id: string): Promise<TimelineDto> {
    const story = await this.tellStory.ofPerson(checkedId(id));
    if (!story) throw notFound('person');
    return { timeline: story.timeline.map(toDto) };
  }

  @Get('journeys/:key/refusals')
  @Needs('read')
  @ApiOperation({
    summary: 'One journey: why did triggers start nothing?',
    description: "By reason, and the latest 50. Triggers about nobody who is known are in nobody's timeline: they are here.",
  })
  @ApiParam({ name: 'key', example: 'payment_failed', description: 'The journey.' })
  @ApiResponse({ status: 200, description: 'The reasons.', type: RefusalsDto })
  @ApiProblems(401, 403, 404, 422)
  async refusals(@Param('key') key: string, @Query() { hours = 24 }: RefusalsQueryDto): Promise<RefusalsDto> {
    if (!this.journeys.isKnown(key)) throw notFound('journey');
    const { since, reasons, latest } = await this.tellStory.ofRefusals(key, hours * 3_600_000);
    return {
      journey: key,
      since: toIso(since),
      reasons: reasons.map(({ reason, count, lastAt }) => ({ reason, count, lastAt: lastAt.toISOString() })),
      latest: latest.map(({ at, eventId, version, personId, reason }) => ({
        at: at.toISOString(),
        eventId,
        version,
        personId,
        reason,
      })),
    };
  }
}

const toDto = ({
  at,
  what,
  outcome,
  reason,
  journey,
  runId,
  step,
  channel,
  messageId,
  eventId,
  detail,
}: TimelineEntry): TimelineEntryDto => ({
  at: toIso(at),
  what,
  outcome,
  reason,
  journey,
  runId,
  step,
  channel,
  messageId,
  eventId,
  detail,
});
