import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound, Problem, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { PreviewTemplates, type PreviewedText } from '../preview-templates';
import { type TemplateFacts } from '../rules/render';
import { TestSends, type TestSendResult } from '../test-sends';
import { PreviewAskDto, PreviewsDto, type TemplateAskDto, TestSendAskDto, TestSendDto, TestSendStoryDto } from './previews.dto';

@ApiTags('Templates')
@ApiBearerAuth()
@Controller('v1/templates')
export class PreviewsController {
  constructor(
    @Inject(PreviewTemplates) private readonly previewTemplates: PreviewTemplates,
    @Inject(TestSends) private readonly testSends: TestSends,
  ) {}

  @Post('preview')
  @HttpCode(200)
  @Needs('read')
  @ApiOperation({
    summary: 'What a template would say, in every language, its parts and its price',
    description: 'Nothing is sent. Takes a template as a journey file has it, and says what would keep it from being published.',
  })
  @ApiResponse({ status: 200, description: 'The previews.', type: PreviewsDto })
  @ApiProblems(400, 401, 403, 422, 503)
  async preview(@Body() ask: PreviewAskDto): Promise<PreviewsDto> {
    const { channel, template, locale, country, purpose } = ask;
    const facts = factsOf(ask);
    const { faults, previews } = await this.previewTemplates.preview({ channel, template, facts, locale, country, purpose });
    return { faults: faults.map(({ at, code, detail }) => ({ at, code, detail })), previews: previews.map(toDto) };
  }

  @Post('test-send')
  @HttpCode(202)
  @Needs('admin')
  @ApiOperation({
    summary: 'Send a template to an address of the allow-list',
    description:
      'With a test key alone, and to WAPAS_TEST_ADDRESSES alone. It goes the way of every message: linted, claimed, called through the provider, with attempts and receipts. The address must belong to somebody who is known, and consent counts.',
  })
  @ApiResponse({ status: 202, description: 'Planned.', type: TestSendDto })
  @ApiProblems(400, 401, 403, 422, 503)
  async testSend(@Body() ask: TestSendAskDto, @Req() request: CallerRequest): Promise<TestSendDto> {
    if (!CallerOf(request).test)
      throw new Problem(403, 'test_key_needed', 'Test sends take a test key: npm run key -- --scopes admin --test.');
    const { channel, template, to, purpose = 'service' } = ask;
    const result = await this.testSends.send({ channel, template, facts: factsOf(ask), to, purpose });
    if (result.outcome === 'planned') return { id: result.id };
    if (result.outcome !== 'bad_template') throw unprocessable([refusals[result.outcome]]);
    throw unprocessable(result.faults.map(({ at, code, detail }) => ({ at: `/template${at}`, code, detail })));
  }

  @Get('test-sends/:id')
  @Needs('read')
  @ApiOperation({ summary: 'What became of a test send' })
  @ApiParam({ name: 'id', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'As the test send was answered.' })
  @ApiResponse({ status: 200, description: 'Where it stands.', type: TestSendStoryDto })
  @ApiProblems(400, 401, 403, 404, 503)
  async story(@Param('id', ParseUUIDPipe) id: string): Promise<TestSendStoryDto> {
    const story = await this.testSends.find(id);
    if (!story) throw notFound('test send');
    const { state, reason, attempts, receipts } = story;
    return {
      state,
      reason,
      attempts: attempts.map(({ provider, outcome, code, detail }) => ({ provider, outcome, code, detail })),
      receipts: receipts.map(({ kind }) => kind),
    };
  }
}

const refusals: Readonly<
  Record<Exclude<TestSendResult['outcome'], 'planned' | 'bad_template'>, { at: string; code: string; detail: string }>
> = {
  no_provider: { at: '/channel', code: 'no_provider', detail: 'No provider serves this channel. Set one up.' },
  not_on_allow_list: { at: '/to', code: 'not_on_allow_list', detail: 'Add the address to WAPAS_TEST_ADDRESSES.' },
  unknown_address: {
    at: '/to',
    code: 'unknown_address',
    detail: 'Nobody is known by this address. Send an event with it first.',
  },
};

function factsOf({ facts = {} }: TemplateAskDto): TemplateFacts {
  const { name, amount, reason, keys = {}, properties = {} } = facts;
  return {
    keys,
    properties,
    ...(name === undefined ? {} : { name }),
    ...(amount === undefined ? {} : { amount: { value: amount.value, currency: amount.currency } }),
    ...(reason === undefined
      ? {}
      : { reason: { class: reason.class, ...(reason.code === undefined ? {} : { code: reason.code }) } }),
  };
}

function toDto({ locale, missing, fields, text, sms, price }: PreviewedText): PreviewsDto['previews'][number] {
  return {
    locale,
    missing,
    fields: { ...fields },
    text,
    sms: sms && { ...sms, unusual: [...sms.unusual] },
    price: price && {
      currency: price.currency,
      unitMilli: price.milli,
      units: price.units,
      totalMilli: price.milli * price.units,
      gstPercent: price.gstPercent,
      from: price.from,
      source: price.source,
    },
  };
}
