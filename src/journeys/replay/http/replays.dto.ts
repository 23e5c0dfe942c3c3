import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { REPLAY_KINDS, REPLAY_STATES, type ReplayKind, type ReplayState } from '../store/replay.store';

export class ReplayRequestDto {
  @ApiProperty({
    enum: REPLAY_KINDS,
    example: 'audit',
    description: '`audit`: what was decided is decided again with the inputs that were recorded, and compared.',
  })
  @IsIn(REPLAY_KINDS)
  kind: ReplayKind;

  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  @IsString()
  @Length(1, 64)
  journey: string;

  @ApiPropertyOptional({ example: 3, description: 'A published version; absent: the newest.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version?: number;

  @ApiProperty({
    example: '2026-11-01T00:00:00+05:30',
    description: 'The beginning of the period, inclusive, RFC 3339 with a zone.',
  })
  @IsString()
  from: string;

  @ApiProperty({ example: '2026-11-24T00:00:00+05:30', description: 'Its end, exclusive.' })
  @IsString()
  to: string;
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

  @ApiProperty({ example: 0, description: 'Lines under /lines: differences of an audit, messages of a what-if.' })
  lines: number;

  @ApiProperty({
    type: Object,
    nullable: true,
    description: 'What has come out so far. `identical`: no decision and no claim would be another one today.',
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

export class ReplayLinesQueryDto {
  @ApiPropertyOptional({ example: '100', description: '`nextCursor` of the page before.' })
  @IsOptional()
  @IsString()
  @Length(1, 10)
  cursor?: string;
}

export class ReplayLinesDto {
  @ApiProperty({
    type: [Object],
    description:
      'In order. Of an audit: `what` is `decision` or `claim`; `recorded` and `replayed` are null where there is none on that side; a line without `step` compares where the run stands.',
    example: [
      {
        runId: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
        what: 'decision',
        at: '2026-11-23T05:31:00.000Z',
        step: 'push',
        recorded: { kind: 'skip', step: 'push', reason: 'too_late', detail: null },
        replayed: { kind: 'send', step: 'push', reason: null, detail: { message: 0 } },
      },
    ],
  })
  lines: object[];

  @ApiProperty({ type: String, nullable: true, example: '100', description: 'Ask with it for the next page; null on the last.' })
  nextCursor: string | null;
}
