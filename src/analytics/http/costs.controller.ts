import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Put, Query, Req, type StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Fault, notFound, unprocessable } from '@wapas/problems';
import { ASSUMED_CATEGORY, type RateKey } from '@wapas/rates';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { KnownChannels } from '../../known-channels';
import { KeepRates } from '../keep-rates';
import { ReportJourney } from '../report-journey';
import { isDay, monthsBetween } from '../rules/periods';
import { INVOICE_COLUMNS } from './costs-csv';
import { csvAnswer } from './csv-answer';
import { invoiceLineDto } from './shape-report';
import { CostsQueryDto, type InvoiceLineDto, InvoicesDto, RateDto, RateKeyDto, RatesDto } from './costs.dto';

const MOST_MONTHS = 36;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

@ApiTags('Analytics')
@ApiBearerAuth()
@Controller('v1/analytics')
export class CostsController {
  constructor(
    @Inject(ReportJourney) private readonly reportJourney: ReportJourney,
    @Inject(KeepRates) private readonly keepRates: KeepRates,
    @Inject(KnownChannels) private readonly channels: KnownChannels,
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
    return { lines: await this.linesOf(query) };
  }

  @Get('costs.csv')
  @Needs('read')
  @Header('content-disposition', 'attachment; filename="costs.csv"')
  @ApiOperation({
    summary: 'What messages cost, month by month and provider by provider, as CSV',
    description: 'The same lines. Texts that a spreadsheet would take for formulas are made harmless.',
  })
  @ApiResponse({
    status: 200,
    description: 'RFC 4180, UTF-8, with a head line.',
    content: { 'text/csv': { schema: { type: 'string', example: 'month,channel,provider,category,country,messages' } } },
  })
  @ApiProblems(401, 403, 422, 503)
  async costsAsCsv(@Query() query: CostsQueryDto): Promise<StreamableFile> {
    return csvAnswer(INVOICE_COLUMNS, await this.linesOf(query));
  }

  private async linesOf({ from, to = from }: CostsQueryDto): Promise<InvoiceLineDto[]> {
    const months = monthsBetween(from, to);
    if (months < 1) throw unprocessable([{ at: 'from', code: 'empty_range', detail: 'It must not be later than `to`.' }]);
    if (months > MOST_MONTHS)
      throw unprocessable([{ at: 'to', code: 'too_many_periods', detail: `At most ${MOST_MONTHS} months at once.` }]);
    return (await this.reportJourney.invoices(from, to)).map(invoiceLineDto);
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
      'From its day on it wins over every listed rate of the channel, category and country, until a later one set here; of one provider, over one of all of them. Reports are computed anew. A channel that nobody serves is refused, a provider that neither serves it nor ever billed anything on it, and a rate of WhatsApp without its category.',
  })
  @ApiResponse({ status: 204, description: 'It holds.' })
  @ApiProblems(400, 401, 403, 422)
  async setRate(@Body() rate: RateDto, @Req() request: CallerRequest): Promise<void> {
    const faults = [...faultsOf(rate, this.channels.names), ...(await this.faultsOfProvider(rate))];
    if (faults.length > 0) throw unprocessable(faults);
    const { currency, price, source } = rate;
    await this.keepRates.set({ ...keyOf(rate), currency, price, source }, CallerOf(request).keyId);
  }

  private async faultsOfProvider({ channel, provider }: RateKeyDto): Promise<Fault[]> {
    if (provider == null || (await this.keepRates.mayBeBilled(channel, provider))) return [];
    const detail = `No provider of this name serves ${channel} here, and none ever did: its rate would never be asked. Leave it out for every provider of the channel.`;
    return [{ at: 'provider', code: 'unknown_provider', detail }];
  }

  @Delete('rates')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Take back a rate that was set here',
    description:
      'By the channel, provider, category, country and first day that it was set with: what held before holds again, and reports are computed anew. Listed rates stay.',
  })
  @ApiResponse({ status: 204, description: 'It holds no longer.' })
  @ApiProblems(401, 403, 404, 422)
  async removeRate(@Query() key: RateKeyDto, @Req() request: CallerRequest): Promise<void> {
    if (!isDay(key.from)) throw unprocessable([NO_DAY]);
    if (!(await this.keepRates.remove(keyOf(key), CallerOf(request).keyId))) throw notFound('rate');
  }
}

const NO_DAY: Fault = { at: 'from', code: 'bad_time', detail: 'It must be a day that exists, such as 2026-12-01.' };

const keyOf = ({ channel, provider, category, country, from }: RateKeyDto): RateKey => ({
  channel,
  provider: provider ?? null,
  category: category ?? null,
  country,
  from,
});

/** Why a rate would never be asked. */
function faultsOf({ channel, category, from, currency }: RateDto, channels: readonly string[]): Fault[] {
  const isUnknown = !channels.includes(channel);
  const needsCategory = category == null && ASSUMED_CATEGORY[channel] !== undefined;
  return [
    ...(isDay(from) ? [] : [NO_DAY]),
    ...(isUnknown ? [{ at: 'channel', code: 'unknown_channel', detail: `The channels are ${channels.join(', ')}.` }] : []),
    ...(CURRENCIES.has(currency)
      ? []
      : [{ at: 'currency', code: 'unknown_currency', detail: 'There is no such currency in ISO 4217. Such as: INR.' }]),
    ...(needsCategory
      ? [
          {
            at: 'category',
            code: 'missing_category',
            detail: `${channel} is charged by category: say which, such as marketing or utility.`,
          },
        ]
      : []),
  ];
}
