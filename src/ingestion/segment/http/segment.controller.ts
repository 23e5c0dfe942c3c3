import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBasicAuth, ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { isRecord } from '@wapas/kernel';
import { Problem } from '@wapas/problems';
import { CallerOf, type CallerRequest, NeedsWriteKey } from '../../../access/access.api';
import { ApiProblems } from '../../../http/api-problems';
import { rawBodyOf } from '../../../http/raw-request';
import { ReceiveMessages } from '../receive-messages';
import { type MessageType } from '../rules/read-message';
import { callSchemas, segmentBatchSchema } from './message-schema';
import { type BatchMessageDto, CallResultDto, SegmentBatchResultDto } from './segment.dto';

const MAX_MESSAGES = 2_500;

/**
 * The tracking API that Segment's and RudderStack's SDKs speak. They give an event up on most 4xx and count 3xx as delivered,
 * so a call that is authentic and can be read is answered 200; what is wrong inside is quarantined.
 */
@ApiTags('Segment-compatible')
@ApiBearerAuth()
@ApiBasicAuth()
@Controller('v1')
export class SegmentController {
  constructor(@Inject(ReceiveMessages) private readonly receiveMessages: ReceiveMessages) {}

  @Call('track', 'Record what a customer did')
  track(@Req() request: CallerRequest, @Body() body: unknown): Promise<CallResultDto> {
    return this.receiveCall('track', request, body);
  }

  @Call('identify', 'Say who a customer is', 'Recorded as `Customer Identified`.')
  identify(@Req() request: CallerRequest, @Body() body: unknown): Promise<CallResultDto> {
    return this.receiveCall('identify', request, body);
  }

  @Call('page', 'Record a page view', 'Recorded as `Page Viewed`.')
  page(@Req() request: CallerRequest, @Body() body: unknown): Promise<CallResultDto> {
    return this.receiveCall('page', request, body);
  }

  @Call('screen', 'Record a screen view', 'Recorded as `Screen Viewed`.')
  screen(@Req() request: CallerRequest, @Body() body: unknown): Promise<CallResultDto> {
    return this.receiveCall('screen', request, body);
  }

  @Call('group', 'Say which group a customer belongs to', 'Recorded as `Customer Grouped`.')
  group(@Req() request: CallerRequest, @Body() body: unknown): Promise<CallResultDto> {
    return this.receiveCall('group', request, body);
  }

  @Call('alias', 'Say under which id a customer was known before', 'Recorded as `Customer Aliased`.')
  alias(@Req() request: CallerRequest, @Body() body: unknown): Promise<CallResultDto> {
    return this.receiveCall('alias', request, body);
  }

  @Post(['batch', 'import'])
  @HttpCode(200)
  @NeedsWriteKey('ingest')
  @ApiOperation({
    summary: 'Record many messages',
    description:
      'What the official SDKs call. 200 means that every message is committed, now or before, as an event or in quarantine; anything else means: send all of it again.',
  })
  @ApiBody({ schema: segmentBatchSchema as object })
  @ApiResponse({ status: 200, description: 'Every message is committed; look at each result.', type: SegmentBatchResultDto })
  @ApiProblems(400, 401, 403, 429, 503)
  async batch(@Req() request: CallerRequest, @Body() body: unknown): Promise<SegmentBatchResultDto> {
    const { batch, sentAt } = objectIn(body) as { batch?: unknown; sentAt?: unknown };
    if (!Array.isArray(batch)) throw new Problem(400, 'not_a_batch', 'The body must be `{"batch":[…]}`.');
    if (batch.length > MAX_MESSAGES) throw new Problem(400, 'batch_too_large', `A batch takes at most ${MAX_MESSAGES} messages.`);
    const results = await this.receive(request, batch as unknown[], sentAt);
    return { success: true, results: results.map((result, index) => ({ index, ...result }) as BatchMessageDto) };
  }

  private async receiveCall(type: MessageType, request: CallerRequest, body: unknown): Promise<CallResultDto> {
    const fields: Record<string, unknown> = { ...objectIn(body), type };
    delete fields.writeKey; // A key in what is kept would be a key in the database.
    const [result] = await this.receive(request, [fields], undefined);
    return { success: true, ...result } as CallResultDto;
  }

  private receive(request: CallerRequest, messages: readonly unknown[], sentAt: unknown) {
    const caller = CallerOf(request);
    caller.takeBudget(messages.length);
    return this.receiveMessages.receive({ messages, sentAt, test: caller.test, rawBody: rawBodyOf(request) });
  }
}

function Call(type: MessageType, summary: string, description?: string): MethodDecorator {
  const decorators = [
    Post(type),
    HttpCode(200),
    NeedsWriteKey('ingest'),
    ApiOperation({ summary, description }),
    ApiBody({ schema: callSchemas[type] as object }),
    ApiResponse({ status: 200, description: 'Committed, as an event or in quarantine.', type: CallResultDto }),
    ApiProblems(400, 401, 403, 429, 503),
  ] as MethodDecorator[];
  return (target, key, descriptor) => decorators.forEach((decorate) => decorate(target, key, descriptor));
}

function objectIn(body: unknown): object {
  if (isRecord(body)) return body;
  throw new Problem(400, 'not_an_object', 'The body must be one JSON object.');
}
