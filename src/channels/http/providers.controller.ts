import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound } from '@wapas/problems';
import { IsString } from 'class-validator';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { ReasonDto } from '../../http/reason.dto';
import { KeepBreakers } from '../keep-breakers';
import { KeepPace } from '../keep-pace';
import { KeepPauses } from '../keep-pauses';
import { LimitPeople, type PeopleBudget } from '../limit-people';
import { PauseProviders } from '../pause-providers';
import { ProviderRegistry } from '../provider-registry';
import { MayBeAbsent } from '../../http/may-be-absent';

class PauseDto {
  @ApiProperty({ enum: ['provider', 'template'], example: 'template', description: 'What is paused.' })
  scope: 'provider' | 'template';

  @ApiProperty({ example: 'payment_failed_v1/en', description: 'Name and language of the template; empty for the provider.' })
  subject: string;

  @ApiProperty({
    example: 'bad_content',
    description: 'The class of the error that led to it, "operator", or "template_news" or "account_news" told by the vendor.',
  })
  reason: string;

  @ApiProperty({ example: '132015', description: "The vendor's code." })
  code: string;

  @ApiProperty({ example: false, description: 'True: the vendor asked to wait. Messages stay planned meanwhile.' })
  isHold: boolean;

  @ApiProperty({ example: false, description: 'True: only marketing is paused.' })
  marketingOnly: boolean;

  @ApiProperty({ example: '2026-11-23T05:46:00.000Z', description: 'Since when, real time.' })
  since: string;

  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'Until when; null: until the vendor or a person says otherwise.',
  })
  until: string | null;
}

class BreakerDto {
  @ApiProperty({
    enum: ['closed', 'open', 'half_open'],
    example: 'open',
    description:
      'closed: in use. open: left alone after too many calls that came to nothing. half_open: one message goes and sees.',
  })
  state: 'closed' | 'open' | 'half_open';

  @ApiProperty({ nullable: true, type: String, example: '2026-11-23T05:46:00.000Z', description: 'Open since, real time.' })
  openedAt: string | null;

  @ApiProperty({
    nullable: true,
    type: String,
    example: '2026-11-23T05:46:10.000Z',
    description: 'When the next message goes and sees, real time.',
  })
  probeAt: string | null;

  @ApiProperty({ nullable: true, type: String, example: 'DEADLINE', description: 'The code of the last failure.' })
  code: string | null;
}

class PeopleLimitDto {
  @ApiProperty({
    example: 2000,
    description: 'How many different people the vendor lets the account write to in a moving 24 hours.',
  })
  most: number;

  @ApiProperty({ example: 1312, description: 'How many were written to in the last 24 hours.' })
  reached: number;
}

class ProviderDto {
  @ApiProperty({ example: 'whatsapp-cloud', description: 'The name that stands with every attempt.' })
  name: string;

  @ApiProperty({ example: 'whatsapp', description: 'The channel it serves.' })
  channel: string;

  @ApiProperty({ example: 80, description: 'Calls per second that its account allows.' })
  maxPerSecond: number;

  @ApiProperty({
    example: 40,
    description:
      'Calls per second that are made at the most at present. Halved when the vendor says that it was too much; a tenth of maxPerSecond comes back a minute.',
  })
  perSecond: number;

  @ApiProperty({ type: BreakerDto, description: 'Whether it is left alone because its calls came to nothing.' })
  breaker: BreakerDto;

  @ApiProperty({
    type: PeopleLimitDto,
    nullable: true,
    description: 'The limit of people (WhatsApp); null: the vendor has none, or has not said.',
  })
  people: PeopleLimitDto | null;

  @ApiProperty({ type: [PauseDto], description: 'What is out of use at the moment.' })
  pauses: PauseDto[];
}

class ResumeQueryDto extends ReasonDto {
  @ApiPropertyOptional({ example: 'payment_failed_v1/en', description: 'Only this template, by name and language.' })
  @MayBeAbsent()
  @IsString()
  template?: string;
}

class ProvidersDto {
  @ApiProperty({ type: [ProviderDto], description: 'In the order in which a channel asks them.' })
  providers: ProviderDto[];
}

@ApiTags('Providers')
@ApiBearerAuth()
@Controller('v1/providers')
export class ProvidersController {
  constructor(
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(KeepPace) private readonly keepPace: KeepPace,
    @Inject(KeepBreakers) private readonly keepBreakers: KeepBreakers,
    @Inject(LimitPeople) private readonly limitPeople: LimitPeople,
    @Inject(PauseProviders) private readonly pauseProviders: PauseProviders,
  ) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'The providers that are set up, and what of them is paused' })
  @ApiResponse({ status: 200, description: 'Every provider.', type: ProvidersDto })
  @ApiProblems(401, 403, 503)
  async list(): Promise<ProvidersDto> {
    const [standing, pace, budgets] = await Promise.all([
      this.keepPauses.standing(),
      this.keepPace.present(),
      this.limitPeople.budgets(),
      this.keepBreakers.look(),
    ]);
    const providers = this.providers.all.map(({ name, channel, provider }) => ({
      name,
      channel,
      maxPerSecond: provider.maxPerSecond,
      perSecond: Math.round((pace.find((one) => one.provider === name)?.perSecond ?? provider.maxPerSecond) * 100) / 100,
      breaker: this.breakerOf(name),
      people: peopleOf(budgets.find(({ provider: of }) => of === name)),
      pauses: standing
        .filter((pause) => pause.provider === name)
        .map(({ scope, subject, reason, code, isHold, marketingOnly, since, until }) => ({
          scope,
          subject,
          reason,
          code,
          isHold,
          marketingOnly,
          since: since.toISOString(),
          until: until?.toISOString() ?? null,
        })),
    }));
    return { providers };
  }

  private breakerOf(name: string): BreakerDto {
    const open = this.keepBreakers.standing().find(({ provider }) => provider === name);
    return {
      state: this.keepBreakers.stateOf(name),
      openedAt: open?.openedAt.toISOString() ?? null,
      probeAt: open?.probeAt.toISOString() ?? null,
      code: open?.code ?? null,
    };
  }

  @Post(':name/pause')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Pause a provider',
    description:
      'Nothing more goes out through it, in every container within a second. What it would have sent goes to another provider of its channel; where none works the step is rejected and falls forward to the next channel at once. Of a last step nothing follows, and it is not sent when the provider is resumed. Who did it, when and why stands in the audit log.',
  })
  @ApiParam({ name: 'name', example: 'whatsapp-cloud', description: 'The provider.' })
  @ApiResponse({ status: 204, description: 'Paused.' })
  @ApiProblems(401, 403, 404, 422, 503)
  async pause(@Req() request: CallerRequest, @Param('name') name: string, @Query() query: ReasonDto): Promise<void> {
    if (!this.providers.named(name)) throw notFound('provider');
    await this.pauseProviders.pause(name, CallerOf(request).keyId, query.reason ?? null);
  }

  @Post(':name/resume')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Take pauses back',
    description:
      'Of one template, or of everything about the provider, its breaker included. Calling it when nothing is paused changes nothing. Who did it, when and why stands in the audit log.',
  })
  @ApiParam({ name: 'name', example: 'whatsapp-cloud', description: 'The provider.' })
  @ApiResponse({ status: 204, description: 'In use again.' })
  @ApiProblems(401, 403, 404, 422, 503)
  async resume(@Req() request: CallerRequest, @Param('name') name: string, @Query() query: ResumeQueryDto): Promise<void> {
    if (!this.providers.named(name)) throw notFound('provider');
    const { template, reason } = query;
    await this.pauseProviders.resume(
      name,
      template === undefined || template === '' ? null : template,
      CallerOf(request).keyId,
      reason ?? null,
    );
  }
}

const peopleOf = (budget: PeopleBudget | undefined): PeopleLimitDto | null =>
  budget ? { most: budget.most, reached: budget.reached } : null;
