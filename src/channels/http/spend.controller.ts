import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound, Problem } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { CONFIG, type Config } from '../../config/config';
import { ApiProblems } from '../../http/api-problems';
import { ReasonDto } from '../../http/reason.dto';
import { KeepSpendCaps } from '../keep-spend-caps';
import { ProviderRegistry } from '../provider-registry';
import { ReportSpend } from '../report-spend';
import { type SpendScope } from '../rules/spend';
import { SpendCapDto, SpendDto, SpendQueryDto } from './spend.dto';

const SCOPE = { name: 'scope', example: 'channel:whatsapp', description: '`all`, or `channel:` and its name.' };

@ApiTags('Operations')
@ApiBearerAuth()
@Controller('v1/operations')
export class SpendController {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'businessZone'>,
    @Inject(KeepSpendCaps) private readonly keepSpendCaps: KeepSpendCaps,
    @Inject(ReportSpend) private readonly reportSpend: ReportSpend,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
  ) {}

  @Get('spend')
  @Needs('read')
  @ApiOperation({
    summary: 'What a day has cost so far, and the caps on it',
    description:
      'By the prices of the dated rates at the time of sending; what the vendors then bill stands in the cost reports.',
  })
  @ApiResponse({ status: 200, description: 'The day.', type: SpendDto })
  @ApiProblems(401, 403, 422, 503)
  async onDay(@Query() { day: asked }: SpendQueryDto): Promise<SpendDto> {
    if (asked !== undefined && new Date(`${asked}T00:00:00Z`).toISOString().slice(0, 10) !== asked)
      throw new Problem(422, 'bad_time', '`day` must be a day that exists, such as 2026-11-23.');
    const { day, channels, caps, reached } = await this.reportSpend.onDay(asked);
    return {
      day,
      zone: this.config.businessZone,
      channels: channels.map(({ channel, currency, messages, milli }) => ({
        channel,
        currency,
        messages,
        amount: Math.ceil(milli / 1_000),
      })),
      caps: caps.map(({ scope, amount, currency, actor, since }) => {
        const one = reached.find((cap) => cap.scope === scope);
        const [heldBack, reachedAt] = [one?.heldBack ?? 0, one?.reachedAt.toISOString() ?? null];
        return { scope, amount, currency, actor, since: since.toISOString(), heldBack, reachedAt };
      }),
    };
  }

  @Put('spend-caps/:scope')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Set how much may be spent in a day',
    description:
      'For everything, or for one channel, in every container within a second; what was spent today counts. A message that would cost more than is left is skipped with `spend_cap_of_channel` or `spend_cap_of_day` and its run falls forward to the next channel. Mandatory notices go out all the same and are counted. Who did it, when and why stands in the audit log.',
  })
  @ApiParam(SCOPE)
  @ApiResponse({ status: 204, description: 'It holds.' })
  @ApiProblems(400, 401, 403, 415, 422, 503)
  async set(@Req() request: CallerRequest, @Param('scope') scope: string, @Body() body: SpendCapDto): Promise<void> {
    const { amount, currency, reason } = body;
    await this.keepSpendCaps.set(this.scopeOf(scope), { amount, currency }, CallerOf(request).keyId, reason ?? null);
  }

  @Delete('spend-caps/:scope')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Take a spend cap away', description: 'What it held back stays skipped.' })
  @ApiParam(SCOPE)
  @ApiResponse({ status: 204, description: 'There is none any more.' })
  @ApiProblems(401, 403, 404, 422, 503)
  async remove(@Req() request: CallerRequest, @Param('scope') scope: string, @Query() query: ReasonDto): Promise<void> {
    if (!(await this.keepSpendCaps.remove(this.scopeOf(scope), CallerOf(request).keyId, query.reason ?? null)))
      throw notFound('spend cap');
  }

  private scopeOf(text: string): SpendScope {
    if (text === 'all') return text;
    const channel = text.startsWith('channel:') ? text.slice('channel:'.length) : '';
    if (this.providers.ofChannel(channel).length > 0) return `channel:${channel}`;
    throw new Problem(422, 'unknown_channel', 'The scope must be `all`, or `channel:` and a channel that a provider serves.');
  }
}
