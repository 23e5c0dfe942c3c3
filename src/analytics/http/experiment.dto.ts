import { ApiExtraModels, ApiProperty } from '@nestjs/swagger';
import { ArmDto, MessageCountDto } from './analytics.dto';

export class IntervalDto {
  @ApiProperty({ example: 0.26, description: 'The estimate.' })
  value: number;

  @ApiProperty({ example: 0.251, description: 'The lower end of its 95 % interval.' })
  low: number;

  @ApiProperty({ example: 0.2692, description: 'The upper end.' })
  high: number;
}

class TreatedSharesDto {
  @ApiProperty({ example: 9_000, description: 'People who entered; each counts once, with their first entry.' })
  entered: number;

  @ApiProperty({ example: 2_340, description: 'Of these, who reached the goal.' })
  recovered: number;

  @ApiProperty({ type: IntervalDto, nullable: true, description: 'Their share (Wilson); null when nobody entered.' })
  rate: IntervalDto | null;
}

class HoldoutCountsDto {
  @ApiProperty({ example: 1_000, description: 'People in the holdout; each counts once, with their first entry.' })
  entered: number;

  @ApiProperty({ example: 180, description: 'Of these, who reached the goal without a message.' })
  recovered: number;
}

class AttributedDto {
  @ApiProperty({ example: 1_930, description: 'Goals of the treated after a message inside its window. Touched, not caused.' })
  count: number;

  @ApiProperty({
    example: 0.2144,
    nullable: true,
    type: Number,
    description: 'Of the treated who entered; null when nobody did.',
  })
  rate: number | null;
}

class ExperimentRunsDto {
  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&version=3%2C4&compared=true&arm=treated',
    description: 'The runs behind `treated.entered`.',
  })
  treated: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&version=3%2C4&compared=true&arm=treated&outcome=recovered',
    description: 'The runs behind `treated.recovered`.',
  })
  treatedRecovered: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&version=3%2C4&compared=true&arm=treated&outcome=attributed',
    description: 'The runs behind `attributed.count`.',
  })
  attributed: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&version=3%2C4&compared=true&arm=holdout',
    description: 'The runs behind `holdout.entered`.',
  })
  holdout: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&version=3%2C4&compared=true&arm=holdout&outcome=recovered',
    description: 'The runs behind `holdout.recovered`, and behind `organic`.',
  })
  holdoutRecovered: string;
}

class ExperimentListsDto {
  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&version=3%2C4&compared=true&arm=treated&outcome=billed',
    description: 'What the treated were billed for, which `incremental.costPerRecovery` is reckoned with.',
  })
  billed: string;

  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&version=3%2C4&compared=true&arm=treated&outcome=billed&currency=',
    description: 'Those whose units add up to `unpriced`.',
  })
  unpriced: string;
}

class SplitDto {
  @ApiProperty({ example: 0.42, description: "Chi-square of the arms' sizes against the planned shares." })
  chiSquare: number;

  @ApiProperty({ example: 0.52, description: 'How often chance alone does this. Below 0.001 nothing can be concluded.' })
  p: number;

  @ApiProperty({
    example: false,
    description: 'True: the arms are not as large as planned; verdict and difference are withheld.',
  })
  isOff: boolean;
}

class NeededDto {
  @ApiProperty({ example: 583, description: 'In the holdout.' })
  control: number;

  @ApiProperty({ example: 5_828, description: 'In all.' })
  total: number;
}

export class RevenueDto {
  @ApiProperty({
    enum: ['amount', 'mixed_currencies', 'no_amounts'],
    example: 'amount',
    description: 'Whether there is a figure. Several currencies are not added up.',
  })
  kind: string;

  @ApiProperty({ example: 'INR', required: false, description: 'Of the figure.' })
  currency?: string;

  @ApiProperty({ type: IntervalDto, required: false, description: 'Minor units, with a delta interval.' })
  interval?: IntervalDto;

  @ApiProperty({ type: [String], required: false, example: ['INR', 'USD'], description: 'The currencies that are mixed.' })
  currencies?: string[];
}

export class CostPerRecoveryDto {
  @ApiProperty({
    enum: ['proven', 'not_proven', 'unpriced'],
    example: 'proven',
    description: 'A price exists only when the verdict is `proven`, and everything that was billed has a rate.',
  })
  kind: string;

  @ApiProperty({
    example: 'INR',
    nullable: true,
    type: String,
    description: 'Of the price; null when nothing that was billed has a rate.',
  })
  currency: string | null;

  @ApiProperty({
    example: 12,
    required: false,
    description: 'Billed units without a rate (`unpriced`): PUT /v1/analytics/rates gives them one.',
  })
  units?: number;

  @ApiProperty({
    example: 1_250,
    required: false,
    description: 'Minor units for one recovery that would not have happened anyway.',
  })
  value?: number;

  @ApiProperty({ example: 957, required: false, description: 'At the upper end of the recoveries.' })
  low?: number;

  @ApiProperty({ example: 1_875, required: false, description: 'At their lower end.' })
  high?: number;
}

export class IncrementalDto {
  @ApiProperty({ type: IntervalDto, description: 'Treated minus holdout, as shares.' })
  difference: IntervalDto;

  @ApiProperty({ type: IntervalDto, description: 'Recoveries that messages caused: the difference times the treated.' })
  recoveries: IntervalDto;

  @ApiProperty({ type: RevenueDto, description: 'What they were worth.' })
  revenue: RevenueDto;

  @ApiProperty({
    type: CostPerRecoveryDto,
    nullable: true,
    description: 'Null when nothing was billed, or in several currencies.',
  })
  costPerRecovery: CostPerRecoveryDto | null;
}

@ApiExtraModels(IntervalDto)
export class ExperimentDto {
  @ApiProperty({
    example: 'payment_failed:3',
    description:
      'The journey and the version with which it began; `.2` behind it after a registered template was given other words, and so on.',
  })
  id: string;

  @ApiProperty({
    type: [Number],
    example: [3, 4],
    description: 'Versions that treat people alike. Any other change starts a new experiment; they are never pooled.',
  })
  versions: number[];

  @ApiProperty({ example: 10, description: "The holdout's planned share, in percent." })
  holdoutPercent: number;

  @ApiProperty({
    example: true,
    description: 'True for one that people enter now: several while a new version is let out to a share of them.',
  })
  isCurrent: boolean;

  @ApiProperty({
    example: '2026-10-24T10:00:00.000Z',
    description:
      'Entries count from here: the range that was asked for, as far as it lies between two changes of what its registered templates say. The quarter of an hour of a change counts in none.',
  })
  from: string;

  @ApiProperty({ example: '2026-11-23T10:15:00.000Z', description: 'To here, exclusive.' })
  to: string;

  @ApiProperty({
    enum: ['read', 'no_control', 'split_is_off'],
    example: 'read',
    description: 'Whether a comparison can be made.',
  })
  reading: string;

  @ApiProperty({ example: 'Read with an interval that holds at every look.', description: 'The same in words.' })
  note: string;

  @ApiProperty({
    enum: ['collecting', 'not proven', 'proven', 'harmful'],
    nullable: true,
    example: 'proven',
    description: 'Null when no comparison can be made.',
  })
  verdict: string | null;

  @ApiProperty({ type: TreatedSharesDto, description: 'Those who may be messaged.' })
  treated: TreatedSharesDto;

  @ApiProperty({ type: HoldoutCountsDto, description: 'Those who deliberately got nothing.' })
  holdout: HoldoutCountsDto;

  @ApiProperty({ type: AttributedDto, description: 'First number: touched.' })
  attributed: AttributedDto;

  @ApiProperty({ type: ExperimentRunsDto, description: 'Where the runs behind the counts are listed.' })
  runs: ExperimentRunsDto;

  @ApiProperty({
    type: IntervalDto,
    nullable: true,
    description: 'Second number: what happens without messages. Null without a holdout.',
  })
  organic: IntervalDto | null;

  @ApiProperty({
    type: IncrementalDto,
    nullable: true,
    description:
      'Third number: what messages caused. Null without a holdout, while the split is off, and below 100 people in each arm or 30 goals in the holdout.',
  })
  incremental: IncrementalDto | null;

  @ApiProperty({
    example: 0,
    description:
      'Units that the treated were billed for and for which no rate is known: while there are any, a recovery has no price.',
  })
  unpriced: number;

  @ApiProperty({ type: ExperimentListsDto, description: 'Where the messages behind prices are listed.' })
  lists: ExperimentListsDto;

  @ApiProperty({
    enum: ['always_valid', 'final'],
    nullable: true,
    example: 'always_valid',
    description:
      '`always_valid` may be read daily. `final` (Newcombe) once nobody enters any more and it ran two weeks with as many people as are needed: who ends an experiment sooner has looked before.',
  })
  intervalKind: string | null;

  @ApiProperty({ type: SplitDto, nullable: true, description: 'Whether the arms are as large as planned.' })
  split: SplitDto | null;

  @ApiProperty({
    type: NeededDto,
    nullable: true,
    description: 'People needed to find five points of difference four times out of five.',
  })
  needed: NeededDto | null;

  @ApiProperty({
    example: 9,
    nullable: true,
    type: Number,
    description:
      'Days until then at the present pace, and until two weeks are over; null when that is not known, or nobody enters any more.',
  })
  daysToAnswer: number | null;
}

export class ExperimentsDto {
  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  journey: string;

  @ApiProperty({ type: [ExperimentDto], description: 'Oldest first.' })
  experiments: ExperimentDto[];
}

export class JourneyReportDto {
  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  journey: string;

  @ApiProperty({ example: '2026-10-31T18:30:00.000Z', description: 'Entries from.' })
  from: string;

  @ApiProperty({ example: '2026-11-30T18:30:00.000Z', description: 'Entries before.' })
  to: string;

  @ApiProperty({ type: ArmDto, description: 'Those who may be messaged.' })
  treated: ArmDto;

  @ApiProperty({ type: ArmDto, description: 'Those who deliberately got nothing: what would have happened anyway.' })
  holdout: ArmDto;

  @ApiProperty({ type: [MessageCountDto], description: 'Messages by channel and what became of them.' })
  messages: MessageCountDto[];

  @ApiProperty({
    type: [ExperimentDto],
    description: 'Attributed, organic and incremental, for each experiment that somebody entered.',
  })
  experiments: ExperimentDto[];
}
