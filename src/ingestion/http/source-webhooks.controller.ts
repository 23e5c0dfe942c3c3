import { Controller, Header, Headers, HttpCode, Inject, Options, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { assertNever } from '@wapas/kernel';
import { Problem } from '@wapas/problems';
import { Open } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { rawBodyOf, singleHeaders, singleQuery } from '../../http/raw-request';
import { type Recorded } from '../record-events';
import { ReceiveWebhook, type Received } from '../receive-webhook';
import { sources } from '../sources/registry';
import { WebhookResultDto } from './events.dto';

@ApiTags('Ingestion')
@Controller('webhooks/sources')
@Open('the source signs the raw body')
export class SourceWebhooksController {
  constructor(@Inject(ReceiveWebhook) private readonly receiveWebhook: ReceiveWebhook) {}

  /**
   * CloudEvents HTTP 1.1 Web Hooks for Event Delivery, version 1.0.2, section 4 (github.com/cloudevents/spec, http-webhook.md, read
   * 2026-11-28), as Azure Event Grid asks before it delivers. It grants a sender to post here and proves nothing: each post is proven by itself.
   */
  @Options(':source')
  @HttpCode(200)
  @Header('allow', 'POST, OPTIONS')
  @ApiOperation({
    summary: 'May you post here? (the validation handshake of CloudEvents)',
    description:
      'A sender asks with `WebHook-Request-Origin` before it delivers. It may, at any rate, where a source is set up. The post itself must carry the secret.',
  })
  @ApiParam({ name: 'source', example: 'cloudevents', description: 'One that is set up: GET /v1/sources.' })
  @ApiHeader({
    name: 'webhook-request-origin',
    required: true,
    example: 'eventgrid.azure.net',
    description: 'Which system asks: a DNS name.',
  })
  @ApiResponse({
    status: 200,
    description: 'It may.',
    headers: {
      'webhook-allowed-origin': {
        description: 'Who may: who asked.',
        schema: { type: 'string', example: 'eventgrid.azure.net' },
      },
      'webhook-allowed-rate': { description: 'Posts a minute; `*`: any number.', schema: { type: 'string', example: '*' } },
    },
  })
  @ApiProblems(400, 404, 503)
  async allow(
    @Param('source') source: string,
    @Headers('webhook-request-origin') origin: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if ((await this.receiveWebhook.find(source)) === undefined) throw unknownSource();
    if (origin === undefined || !DNS_NAME.test(origin))
      throw new Problem(400, 'bad_origin', 'Say who asks in WebHook-Request-Origin, as a DNS name such as eventgrid.azure.net.');
    void reply.header('webhook-allowed-origin', origin).header('webhook-allowed-rate', '*');
  }

  @Post(':source')
  @ApiOperation({
    summary: "A source's signed webhook",
    description:
      "Paste this address into the gateway's dashboard. The signature is checked over the raw bytes; a signed body always gets a 2xx, also when it cannot be used.",
  })
  @ApiParam({
    name: 'source',
    example: 'razorpay',
    description: `One that is built in (${[...sources.keys()].join(', ')}) and whose secret is set, or a mapped one: GET /v1/sources.`,
  })
  @ApiQuery({
    name: 'token',
    required: false,
    example: 'a-secret-of-some-length',
    description: 'Only for sources whose recipe takes the secret from the address; the name of the parameter is theirs.',
  })
  @ApiBody({
    description: 'As the source writes it, with its signature; forms and other kinds of content are taken as well.',
    schema: { type: 'object' },
    examples: examplesOfBodies(),
  })
  @ApiResponse({ status: 202, description: 'Recorded or quarantined.', type: WebhookResultDto })
  @ApiResponse({ status: 200, description: 'Known already, or of a type that is not used.', type: WebhookResultDto })
  @ApiProblems(401, 404, 413, 503)
  async receive(@Param('source') source: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const received = await this.receiveWebhook.receive(source, {
      headers: singleHeaders(request),
      rawBody: rawBodyOf(request),
      query: singleQuery(request),
    });
    const { status, answer } = answerTo(received);
    void reply.status(status).send(answer);
  }
}

const DNS_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const unknownSource = (): Problem => new Problem(404, 'unknown_source', 'No source of this name is set up here.');

function answerTo(received: Received): { status: number; answer: WebhookResultDto } {
  switch (received.outcome) {
    case 'recorded':
      return { status: 202, answer: { outcome: 'recorded', ...idsOf(received.events) } };
    case 'duplicate':
      return { status: 200, answer: { outcome: 'duplicate', ...idsOf(received.events) } };
    case 'ignored':
      return { status: 200, answer: { outcome: 'ignored' } };
    case 'quarantined':
      return { status: 202, answer: { outcome: 'quarantined' } };
    case 'unknown_source':
      throw unknownSource();
    case 'not_authentic':
      throw new Problem(401, 'not_authentic', 'The signature does not fit the body and the configured secret.');
    default:
      return assertNever(received);
  }
}

const idsOf = (events: readonly Recorded[]): Pick<WebhookResultDto, 'eventId' | 'events'> => ({
  eventId: events[0]?.eventId,
  ...(events.length > 1
    ? { events: events.map(({ outcome, eventId }) => ({ outcome: outcome === 'recorded' ? 'recorded' : 'duplicate', eventId })) }
    : {}),
});

/** One real body of every source, with the headers that carry meaning. */
function examplesOfBodies(): Record<string, { summary: string; description: string; value: object }> {
  const shown = [...sources.values()].map(({ name, title, example }) => {
    const headers = Object.entries({ 'content-type': example.contentType, ...example.headers });
    const description = headers.map(([header, value]) => `${header}: ${value}`).join(', ');
    return [name, { summary: title, description, value: example.body }] as const;
  });
  return Object.fromEntries(shown);
}
