import { Body, Controller, Get, HttpCode, Inject, Put, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Problem, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { KeepRates } from '../keep-rates';
import { ReportJourney } from '../report-journey';
import { isDay, monthsBetween } from '../rules/periods';
import { CostsQueryDto, InvoicesDto, RateDto, RatesDto } from './costs.dto';

const MOST_MONTHS = 36;

@ApiTags('Analytics')
@ApiBearerAuth()
@Controller('v1/analytics')
export class CostsController {
  constructor(
    @Inject(ReportJourney) private readonly reportJourney: ReportJourney,
    @Inject(KeepRates) private readonly keepRates: KeepRates,
  ) {}

  @Get('costs')
  @Needs('read')
  @ApiOperation({
    summary: 'What messages cost, month by month and provider by provider',
    description: 'In the shape of the invoices: by month of sending in India, before tax, GST apart. Whole months only.',
  })
  @ApiResponse({ status: 200, description: 'The lines.', type: InvoicesDto })
  @ApiProblems(401, 403, 422, 503)
  async costs(@Query() query: CostsQueryDto): Promise<InvoicesDto> {
    const { from, to = from } = query;
    const months = monthsBetween(from, to);
    if (months < 1) throw unprocessable([{ at: 'from', code: 'empty_range', detail: 'It must not be later than `to`.' }]);
    if (months > MOST_MONTHS)
      throw unprocessable([{ at: 'to', code: 'too_many_periods', detail: `At most ${MOST_MONTHS} months at once.` }]);
    const lines = await this.reportJourney.invoices(from, to);
    return { lines: lines.map((line) => ({ ...line, cost: line.cost && { ...line.cost } })) };
  }

  @Get('rates')
  @Needs('read')
  @ApiOperation({ summary: 'The dated rates that costs are computed with', description: 'Each with its source.' })
  @ApiResponse({ status: 200, description: 'The rates.', type: RatesDto })
  @ApiProblems(401, 403)
  async rates(): Promise<RatesDto> {
    return { rates: (await this.keepRates.all()).map((rate) => ({ ...rate })) };
  }

  @Put('rates')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Set what is charged from a day on',
    description:
      'Wins over a listed rate of the same channel, provider, category, country and day. Reports of earlier days are computed anew.',
  })
  @ApiResponse({ status: 204, description: 'It holds.' })
  @ApiProblems(400, 401, 403, 422)
  async setRate(@Body() rate: RateDto, @Req() request: CallerRequest): Promise<void> {
    if (!isDay(rate.from)) throw new Problem(422, 'bad_time', '`from` must be a day that exists, such as 2026-12-01.');
    const { channel, provider, category, country, currency, from, price, source } = rate;
    const set = { channel, provider, category: category ?? null, country, currency, from, price, source };
    await this.keepRates.set(set, CallerOf(request).keyId);
  }
}
