import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BusinessClock } from '@wapas/database';
import { type Duration, type Instant, parseDuration, parseInstant, toIso } from '@wapas/kernel';
import { notFound, unprocessable } from '@wapas/problems';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { FindPlayed } from '../find-played';
import { type JourneyVersion } from '../rules/definition';
import { sinceT } from '../rules/in-words';
import { SimulateJourney, type ToldEntry } from '../simulate-journey';
import { TestRunDto, TestRunResultDto } from './simulate.dto';

const EXAMPLES = {
  customer: {
    summary: 'The draft, else the newest version, and a customer who opens the first message',
    value: { customer: 'engages', start: '2026-11-23T11:02:09+05:30' },
  },
  events: {
    summary: 'Your own events: a payment that fails, and is made after the push was opened',
    value: {
      events: [
        {
          event: 'Payment Failed',
          person: { customerId: 'cust_8812', phone: '+919812345678' },
          keys: { order: 'order_MkT9' },
          amount: { value: 149_900, currency: 'INR' },
          reason: { class: 'user_error' },
        },
        { event: 'Payment Captured', occurredAt: '2026-11-23T11:40:00+05:30', keys: { order: 'order_MkT9' } },
      ],
      answers: [{ step: 'push', signal: 'opened', after: '20m' }],
      start: '2026-11-23T11:02:09+05:30',
    },
  },
};

@ApiTags('Journeys')
@ApiBearerAuth()
@Controller('v1/journeys/:key/simulate')
export class SimulateController {
  constructor(
    @Inject(FindPlayed) private readonly findPlayed: FindPlayed,
    @Inject(SimulateJourney) private readonly simulateJourney: SimulateJourney,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
  ) {}

  @Post()
  @HttpCode(200)
  @Needs('read')
  @ApiOperation({
    summary: 'Try a journey on a virtual clock',
    description:
      'Plays a draft, a version or the definition given, for events or for a made-up customer, through the very rules that decide about real ones. Caps count the messages of this test run, `silence` its events; consent, addresses and what a provider would say are not asked for. Touches nothing: no run, no message, no provider.',
  })
  @ApiParam({ name: 'key', example: 'payment_failed', description: 'The journey.' })
  @ApiBody({ type: TestRunDto, examples: EXAMPLES })
  @ApiResponse({ status: 200, description: 'What would be decided, when and why.', type: TestRunResultDto })
  @ApiProblems(400, 401, 403, 404, 413, 415, 422)
  async simulate(@Param('key') key: string, @Body() body: TestRunDto): Promise<TestRunResultDto> {
    const { played, version } = await this.versionFor(key, body);
    const result = this.simulateJourney.run(version, {
      start: this.startOf(body),
      arm: body.arm ?? 'treated',
      shadow: false,
      events: body.events ?? [],
      answers: (body.answers ?? []).map(({ step, signal, after }) => ({ step, signal, after: parseDuration(after) as Duration })),
      customer: body.customer ?? (body.events ? undefined : 'silent'),
    });
    if (result.outcome === 'refused') throw unprocessable(result.faults);
    return { played, timeline: result.timeline.map(toDto) };
  }

  private async versionFor(key: string, body: TestRunDto): Promise<{ played: string; version: JourneyVersion }> {
    const found = await this.findPlayed.find(key, body);
    if (found.outcome === 'unknown') throw notFound(found.what);
    if (found.outcome === 'refused') throw unprocessable(found.faults);
    return found;
  }

  private startOf({ start }: TestRunDto): Instant {
    if (start === undefined) return this.clock.now();
    const given = parseInstant(start);
    if (given === null)
      throw unprocessable([
        { at: '/start', code: 'bad_time', detail: 'Give RFC 3339 with a zone, such as 2026-11-23T23:50:00+05:30.' },
      ]);
    return given;
  }
}

function toDto({ at, startedAt, what, outcome, reason, run, step, channel, decision, content, missing, words }: ToldEntry) {
  const sending = decision?.kind === 'send' || decision?.kind === 'ghost' ? decision : undefined;
  return {
    at: toIso(at),
    offset: startedAt === undefined ? undefined : sinceT(at, startedAt),
    what,
    outcome,
    reason,
    run,
    step,
    channel,
    variant: sending?.variant,
    notAfter: sending && toIso(sending.notAfter),
    content,
    missing,
    words,
  };
}
