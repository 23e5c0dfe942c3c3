import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { assertNever } from '@wapas/kernel';
import { Problem } from '@wapas/problems';
import { Open } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { rawBodyOf, singleHeaders } from '../../http/raw-request';
import { type Recorded } from '../record-events';
import { ReceiveWebhook, type Received } from '../receive-webhook';
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
  @ApiParam({ name: 'source', enum: ['razorpay'], description: 'The system that posts.' })
  @ApiHeader({
    name: 'X-Razorpay-Signature',
    description: 'Hex HMAC-SHA256 of the raw body with RAZORPAY_WEBHOOK_SECRET.',
    required: false,
  })
  @ApiHeader({
    name: 'X-Razorpay-Event-Id',
    description: 'The id by which a repetition is recognised, beside the bytes themselves.',
    required: false,
  })
  @ApiBody({
    schema: {
      type: 'object',
      example: {
        entity: 'event',
        account_id: 'acc_BFQ7uQEaa7j2z7',
        event: 'payment.failed',
        contains: ['payment'],
        created_at: 1763874129,
        payload: {
          payment: {
            entity: {
              id: 'pay_29QQ',
              amount: 149900,
              currency: 'INR',
              status: 'failed',
              order_id: 'order_MkT9',
              method: 'upi',
              contact: '+919812345678',
              error_source: 'customer',
              error_reason: 'incorrect_pin',
              notes: { customer_id: 'cust_8812' },
            },
          },
        },
      },
    },
  })
  @ApiResponse({ status: 202, description: 'Recorded or quarantined.', type: WebhookResultDto })
  @ApiResponse({ status: 200, description: 'Known already, or of a type that is not used.', type: WebhookResultDto })
  @ApiProblems(401, 404, 413, 503)
  async receive(@Param('source') source: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const received = await this.receiveWebhook.receive(source, { headers: singleHeaders(request), rawBody: rawBodyOf(request) });
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
