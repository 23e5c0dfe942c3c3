import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
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
  @ApiConsumes('application/json', 'application/x-www-form-urlencoded', 'application/cloudevents+json')
  @ApiBody({
    description: 'As the source writes it, with its signature.',
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
      throw new Problem(404, 'unknown_source', 'No source of this name is set up here.');
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
