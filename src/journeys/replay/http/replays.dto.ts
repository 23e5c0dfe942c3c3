import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNumber, IsObject, IsString, Length, Max, Min, ValidateNested } from 'class-validator';
import { STATED_RATES } from '@wapas/stated-rates';
import { type WhatIfRate } from '../rules/stated-answers';
import { TALLY_OUTCOMES } from '../what-if/tally';
import { IsMoment } from '../../../http/time-checks';
import { REPLAY_KINDS, REPLAY_STATES, type ReplayKind, type ReplayState } from '../store/replay.store';
import { MayBeAbsent } from '../../../http/may-be-absent';

/** A share of one's own instead of the stated one. */
function Share(name: Exclude<WhatIfRate, 'minutesUntilReturn'>): PropertyDecorator {
  const { value, note } = STATED_RATES[name];
  return (target, key) => {
    for (const decorate of [
      ApiPropertyOptional({ example: value, minimum: 0, maximum: 1, description: `Default ${value}. ${note}` }),
      MayBeAbsent(),
      IsNumber(),
      Min(0),
      Max(1),
    ])
      decorate(target, key);
  };
}

export class OwnRatesDto {
  @Share('pushReached')
  pushReached?: number;

  @Share('pushOpened')
  pushOpened?: number;

  @Share('whatsappRead')
  whatsappRead?: number;

  @Share('whatsappClicked')
  whatsappClicked?: number;

  @Share('smsClicked')
  smsClicked?: number;

  @Share('emailOpened')
  emailOpened?: number;

  @Share('emailClicked')
  emailClicked?: number;

  @Share('paidAfterClick')
  paidAfterClick?: number;

  @ApiPropertyOptional({
    example: STATED_RATES.minutesUntilReturn.value,
    minimum: 1,
    maximum: 10_080,
    description: `Minutes from the message to the reaction, mean. Default ${STATED_RATES.minutesUntilReturn.value}. ${STATED_RATES.minutesUntilReturn.note}`,
  })
  @MayBeAbsent()
  @IsNumber()
  @Min(1)
  @Max(10_080)
  minutesUntilReturn?: number;
}

export class ReplayRequestDto {
  @ApiProperty({
    enum: REPLAY_KINDS,
    example: 'audit',
    description:
      '`audit`: what was decided is decided again with the inputs that were recorded, and compared. `whatif`: the stored events are lived once more with a draft or another version, and laid beside what was really sent; an estimate.',
  })
  @IsIn(REPLAY_KINDS)
  kind: ReplayKind;

  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  @IsString()
  @Length(1, 64)
  journey: string;

  @ApiPropertyOptional({
    example: 3,
    description: 'A published version. Absent: the newest; of a what-if the draft, where there is one.',
  })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version?: number;

  @ApiProperty({
    example: '2026-11-01T00:00:00+05:30',
    description: 'The beginning of the period, inclusive, RFC 3339 with a zone.',
  })
  @IsString()
  @IsMoment()
  from: string;

  @ApiProperty({ example: '2026-11-24T00:00:00+05:30', description: 'Its end, exclusive.' })
  @IsString()
  @IsMoment()
  to: string;

  @ApiPropertyOptional({
    type: Object,
    description: 'Of a what-if: a definition to try, published nowhere. Its `key` is that of the journey.',
    example: { format: 'wapas.journey/1', key: 'payment_failed' },
  })
  @MayBeAbsent()
  @IsObject()
  definition?: object;

  @ApiPropertyOptional({
    type: OwnRatesDto,
    description:
      'Of a what-if: rates of your own for messages that were never really sent, instead of the stated ones. Shares from 0 to 1.',
  })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => OwnRatesDto)
  rates?: OwnRatesDto;
}

export class ReplayDto {
  @ApiProperty({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The replay.' })
  id: string;

  @ApiProperty({ enum: REPLAY_KINDS, example: 'audit', description: 'What is done.' })
  kind: ReplayKind;

  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  journey: string;

  @ApiProperty({ type: Number, nullable: true, example: 3, description: 'The version; null: one that is not published.' })
  version: number | null;

  @ApiProperty({ example: '2026-10-31T18:30:00.000Z', description: 'The beginning of the period, inclusive.' })
  from: string;

  @ApiProperty({ example: '2026-11-23T18:30:00.000Z', description: 'Its end, exclusive.' })
  to: string;

  @ApiProperty({
    enum: REPLAY_STATES,
    example: 'running',
    description: 'A replay that a restart has broken off is taken up again; one that cannot be finished is `failed`.',
  })
  state: ReplayState;

  @ApiProperty({ example: 0.42, description: 'How much of it is done, from 0 to 1.' })
  progress: number;

  @ApiProperty({ example: 4200, description: 'Runs, or events of a what-if, that were gone through.' })
  done: number;

  @ApiProperty({ type: Number, nullable: true, example: 10_000, description: 'Of so many; null until they are counted.' })
  total: number | null;

  @ApiProperty({
    example: 0,
    description: 'Lines under /lines: differences of an audit, messages of a what-if that would go out otherwise.',
  })
  lines: number;

  @ApiProperty({
    type: Object,
    nullable: true,
    description:
      'What has come out so far. `identical`: of an audit, no decision and no claim would be another one today; of a what-if, no message would be added, dropped, moved or rechannelled. It is null until the replay is done, and when there was nothing to compare: no run, or no message on either side. Of an audit, `notReplayed`, the runs that cannot be lived again: `entered_before_recording`, `erased`, `facts_retired`, or `unreadable`, for which a key of WAPAS_ENCRYPTION_KEYS is missing. Of a what-if, `estimate` is true: messages that would be and were sent, and how they differ; steps with their reasons; caps and windows that were hit; costs on both sides in minor units; the rates and assumptions it rests on; and `unreadable`, the triggers and the events about the same matters that cannot be opened and were passed over.',
    example: { runs: 4200, decisions: 15_300, claims: 7_900, differences: 0, identical: true, notReplayed: {} },
  })
  result: object | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it failed; null when it did not.' })
  problem: string | null;

  @ApiProperty({ example: '2026-11-24T05:31:00.000Z', description: 'When it was ordered, business time.' })
  createdAt: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'When it was over; null until then.' })
  endedAt: string | null;
}

export class ReplaysDto {
  @ApiProperty({ type: [ReplayDto], description: 'The latest 50, newest first.' })
  replays: ReplayDto[];
}

export class ReplayCostDto {
  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  currency: string;

  @ApiProperty({ example: 13_846, description: 'Minor units, before tax.' })
  amount: number;

  @ApiProperty({ example: 2_492, description: 'Minor units of tax, on top.' })
  gst: number;

  @ApiProperty({ example: 1_204, description: 'Messages, or parts of SMS, that are billed.' })
  units: number;

  @ApiProperty({ example: 1_204, description: 'Of these, priced by an assumed category or length.' })
  assumed: number;
}

export class ReplayLinesQueryDto {
  @ApiPropertyOptional({ example: '100', description: '`nextCursor` of the page before.' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 10)
  cursor?: string;
}

export class ReplayLinesDto {
  @ApiProperty({ example: false, description: 'True of a what-if: these lines are an estimate. False of an audit.' })
  estimate: boolean;

  @ApiProperty({
    type: [Object],
    description:
      'In order. Of an audit: `what` is `decision` or `claim`; `recorded` and `replayed` are null where there is none on that side; both say `at` where the time differs, a line without `step` compares where the run stands. Of a what-if: a message is `added`, `dropped`, `moved` to another time, or `rechannelled`; `reason` says why the other side did not send it.',
    example: [
      {
        runId: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
        what: 'decision',
        at: '2026-11-23T05:31:00.000Z',
        step: 'push',
        recorded: { kind: 'skip', step: 'push', reason: 'too_late', detail: null },
        replayed: { kind: 'send', step: 'push', reason: null, detail: { message: 0 } },
      },
      {
        what: 'moved',
        triggerId: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0b',
        personId: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0c',
        runId: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
        step: 'whatsapp',
        lap: 1,
        would: { channel: 'whatsapp', at: '2026-11-23T05:40:00.000Z' },
        was: { channel: 'whatsapp', at: '2026-11-23T05:45:00.000Z' },
        reason: null,
      },
    ],
  })
  lines: object[];

  @ApiProperty({ type: String, nullable: true, example: '100', description: 'Ask with it for the next page; null on the last.' })
  nextCursor: string | null;
}

export class ReplayDayDto {
  @ApiProperty({ example: '2026-11-23', description: "India's day." })
  day: string;

  @ApiProperty({ example: 'whatsapp', description: 'The step.' })
  step: string;

  @ApiProperty({ example: 'whatsapp', description: 'Its channel.' })
  channel: string;

  @ApiProperty({
    enum: TALLY_OUTCOMES,
    example: 'sent',
    description:
      'What would become of messages: `sent`, `ghost` (holdout or shadow), `skipped`, `expired`, `rejected`, `held` for a while; `really_sent` is what did go out.',
  })
  outcome: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why, as a machine code; null for what went out.' })
  reason: string | null;

  @ApiProperty({ example: 1_204, description: 'Messages.' })
  messages: number;

  @ApiProperty({
    type: ReplayCostDto,
    nullable: true,
    description: 'What they cost; null for what costs nothing or has no rate.',
  })
  cost: ReplayCostDto | null;

  @ApiProperty({
    example: 0,
    description: 'Messages, or parts of SMS, that are billed and for which no rate is known: they are in no cost.',
  })
  unpriced: number;
}

export class ReplayDaysDto {
  @ApiProperty({ enum: [true], example: true, description: 'It is an estimate, and no report of what happened.' })
  estimate: true;

  @ApiProperty({ type: [ReplayDayDto], description: 'By day, step, channel, outcome and reason.' })
  days: ReplayDayDto[];

  @ApiProperty({ type: String, nullable: true, example: '500', description: 'Ask with it for the next page; null on the last.' })
  nextCursor: string | null;
}
