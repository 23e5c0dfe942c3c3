import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { BusinessClock } from '@wapas/database';
import { toIso } from '@wapas/kernel';
import { type Fault, notFound, unprocessable } from '@wapas/problems';
import { Needs } from '../../access/access.api';
import { CONFIG, type Config } from '../../config/config';
import { faultsOfChannel } from '../../ingestion/ingestion.api';
import { KnownChannels } from '../../known-channels';
import { ApiProblems } from '../../http/api-problems';
import { checkedId } from '../../http/checked-id';
import { HearInbound } from '../hear-inbound';
import { RecordConsents } from '../record-consents';
import { ReviewConsents } from '../review-consents';
import { SuppressPeople } from '../suppress-people';
import { MayBeAbsent } from '../../http/may-be-absent';
import {
  ConsentsDto,
  CreatedSuppressionDto,
  HeardDto,
  InboundMessageDto,
  NewSuppressionDto,
  RecordedConsentsDto,
  StatedConsentsDto,
} from './consents.dto';
import { expiryIn, momentIn, personIn, refuse } from './parsing';

class AtDto {
  @ApiPropertyOptional({
    example: '2026-11-23T11:02:09+05:30',
    description: 'The moment to look at, RFC 3339 with zone; absent means now. Answers what Wapas knew then.',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(40)
  at?: string;
}

@ApiTags('Consent')
@ApiBearerAuth()
@Controller('v1')
export class ConsentsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(RecordConsents) private readonly recordConsents: RecordConsents,
    @Inject(ReviewConsents) private readonly reviewConsents: ReviewConsents,
    @Inject(SuppressPeople) private readonly suppressPeople: SuppressPeople,
    @Inject(KnownChannels) private readonly channels: KnownChannels,
    @Inject(HearInbound) private readonly hearInbound: HearInbound,
  ) {}

  @Post('consents')
  @Needs('ingest')
  @ApiOperation({
    summary: 'Write down what customers agreed to or took back',
    description:
      'The ledger is only added to. A withdrawal binds every send that starts after this has answered, planned messages included. The same statement told twice is one.',
  })
  @ApiResponse({ status: 201, description: 'Written down.', type: RecordedConsentsDto })
  @ApiProblems(400, 401, 403, 422, 503)
  async record(@Body() { consents }: StatedConsentsDto): Promise<RecordedConsentsDto> {
    const now = this.clock.now();
    const faults = consents.flatMap(({ channel }, index) =>
      faultsOfChannel(channel, this.channels, `/consents/${index}/channel`),
    );
    const stated = consents.map((one, index) => ({
      person: personIn(one.person, this.config, `/consents/${index}/person`, faults),
      purpose: one.purpose,
      channel: one.channel,
      state: one.state,
      at: momentIn(one.at, now, `/consents/${index}/at`, faults),
      source: one.source ?? 'api',
      noticeVersion: one.noticeVersion,
      noticeLanguage: one.noticeLanguage,
      proof: one.proof,
    }));
    refuse(faults);
    const people = await this.recordConsents.record(stated);
    return { results: people.map((ids) => ({ people: ids })) };
  }

  @Get('people/:id/consents')
  @Needs('read')
  @ApiOperation({
    summary: 'What a person agreed to, now or at any moment in the past',
    description:
      'What was recorded later does not count for an earlier moment: the answer is what a send at that moment was judged by.',
  })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The person.' })
  @ApiResponse({ status: 200, description: 'The ledger and what it came to.', type: ConsentsDto })
  @ApiProblems(400, 401, 403, 404, 422)
  async review(@Param('id') id: string, @Query() { at }: AtDto): Promise<ConsentsDto> {
    const faults: Fault[] = [];
    const moment = momentIn(at, this.clock.now(), 'at', faults);
    refuse(faults);
    const review = await this.reviewConsents.at(checkedId(id), moment);
    if (!review) throw notFound('person');
    return {
      at: toIso(moment),
      states: review.states.map(({ purpose, channel, entry }) => ({
        purpose,
        channel,
        state: entry.state,
        since: toIso(entry.at),
        entryId: entry.id,
      })),
      entries: review.entries.map((entry) => ({
        id: entry.id,
        purpose: entry.purpose,
        channel: entry.channel,
        state: entry.state,
        at: toIso(entry.at),
        recordedAt: toIso(entry.recordedAt),
        source: entry.source,
        noticeVersion: entry.noticeVersion,
        noticeLanguage: entry.noticeLanguage,
        hasProof: entry.hasProof,
      })),
      suppressions: review.suppressions.map((one) => ({
        id: one.id,
        on: one.subjectKind,
        channel: one.channel,
        purpose: one.purpose,
        reason: one.reason,
        source: one.source,
        createdAt: one.createdAt.toISOString(),
        expiresAt: one.expiresAt?.toISOString() ?? null,
      })),
    };
  }

  @Post('suppressions')
  @Needs('ingest')
  @ApiOperation({
    summary: 'Forbid messages to a customer, a phone or an e-mail',
    description:
      'By customer id it holds for the person; by phone or e-mail for the address, whoever has it. Effective when this has answered.',
  })
  @ApiResponse({ status: 201, description: 'In force.', type: CreatedSuppressionDto })
  @ApiProblems(400, 401, 403, 422, 503)
  async suppress(@Body() body: NewSuppressionDto): Promise<CreatedSuppressionDto> {
    const { channel = null, purpose = null, reason, expiresAt } = body;
    const faults = faultsOfChannel(body.channel, this.channels, '/channel');
    if (Object.values(body.person).filter((value) => value !== undefined).length > 1)
      faults.push({
        at: '/person',
        code: 'one_identifier',
        detail: 'Give exactly one of customerId, phone, email and whatsappId.',
      });
    const person = personIn(body.person, this.config, '/person', faults);
    const until = expiresAt === undefined ? null : expiryIn(expiresAt, this.clock.now(), '/expiresAt', faults);
    refuse(faults);
    const subject = await this.reviewConsents.subjectOf(person, this.clock.now());
    if (subject === null)
      throw unprocessable([
        { at: '/person', code: 'person_erased', detail: 'They were erased: nothing goes to them, and nobody may note anything.' },
      ]);
    const [id] = await this.suppressPeople.suppress([{ ...subject, channel, purpose, reason, source: 'api', expiresAt: until }]);
    return { id: id as string };
  }

  @Delete('suppressions/:id')
  @HttpCode(204)
  @Needs('ingest')
  @ApiOperation({ summary: 'Lift a suppression', description: 'It stays in the record with the time it was lifted.' })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The suppression.' })
  @ApiResponse({ status: 204, description: 'Lifted.' })
  @ApiProblems(400, 401, 403, 404, 503)
  async lift(@Param('id') id: string): Promise<void> {
    if (!(await this.suppressPeople.lift(checkedId(id)))) throw notFound('suppression in force');
  }

  @Post('inbound-messages')
  @HttpCode(200)
  @Needs('ingest')
  @ApiOperation({
    summary: 'Hand on a text that a customer sent to one of your numbers',
    description:
      'For gateways without a plugin. A stop word alone on the line (English and Indian languages) forbids messages to that number; a start word takes that back. Other texts change nothing and are not kept.',
  })
  @ApiResponse({ status: 200, description: 'What it was.', type: HeardDto })
  @ApiProblems(400, 401, 403, 422, 503)
  async hear(@Body() { channel, phone, whatsappId, text, id, at }: InboundMessageDto): Promise<HeardDto> {
    const faults: Fault[] = [];
    const person = personIn({ phone, whatsappId }, this.config, '', faults);
    const moment = momentIn(at, this.clock.now(), '/at', faults);
    refuse(faults);
    return { outcome: await this.hearInbound.hear({ ...person, channel, text, sourceId: id, at: moment }) };
  }
}
