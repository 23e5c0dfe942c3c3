import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { assertNever } from '@wapas/kernel';
import { type RawWebhook } from '@wapas/provider-kit';
import { Problem } from '@wapas/problems';
import { Open } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { rawBodyOf, singleHeaders } from '../../http/raw-request';
import { HearWebhooks } from '../hear-webhooks';

@ApiTags('Receipts')
@Controller('webhooks/providers')
@Open('the vendor signs the raw body, or knows an unguessable address')
export class ProviderWebhooksController {
  constructor(@Inject(HearWebhooks) private readonly hearWebhooks: HearWebhooks) {}

  @Get(':provider')
  @ApiOperation({
    summary: "Answers a vendor's subscription handshake",
    description: 'WhatsApp sends hub.mode, hub.verify_token and hub.challenge.',
  })
  @ApiParam({ name: 'provider', example: 'whatsapp-cloud', description: 'The provider that is being subscribed.' })
  @ApiResponse({
    status: 200,
    description: 'The challenge.',
    content: { 'text/plain': { schema: { type: 'string', example: '1158201444' } } },
  })
  @ApiProblems(403, 404, 500)
  challenge(@Param('provider') name: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const challenged = this.hearWebhooks.challenge(name, webhookOf(request, ''));
    switch (challenged.outcome) {
      case 'answered':
        void reply
          .header('content-type', 'text/plain; charset=utf-8')
          .header('x-content-type-options', 'nosniff')
          .send(challenged.answer);
        return;
      case 'refused':
        throw new Problem(403, 'challenge_refused', 'The verify token is not the one that is configured.');
      case 'unknown_provider':
        throw unknownProvider();
      case 'provider_broken':
        throw brokenProvider(name);
      default:
        assertNever(challenged);
    }
  }

  @Post(':provider')
  @HttpCode(200)
  @ApiOperation({
    summary: "A vendor's receipts",
    description:
      'Signature over the raw bytes, then every receipt is stored before the answer. What is not understood is counted and answered 2xx.',
  })
  @ApiParam({ name: 'provider', example: 'whatsapp-cloud', description: 'The provider whose vendor posts.' })
  @ApiBody({ schema: { type: 'object', example: { object: 'whatsapp_business_account', entry: [] } } })
  @ApiResponse({ status: 200, description: 'Stored.' })
  @ApiProblems(401, 404, 413, 500, 503)
  async receive(@Param('provider') name: string, @Req() request: FastifyRequest): Promise<void> {
    await this.hear(name, webhookOf(request, ''));
  }

  @Post(':provider/:token')
  @HttpCode(200)
  @ApiOperation({
    summary: "A vendor's receipts, by an unguessable address",
    description: 'For vendors that sign nothing (MSG91): the token in the path is the secret.',
  })
  @ApiParam({ name: 'provider', example: 'msg91', description: 'The provider whose vendor posts.' })
  @ApiParam({ name: 'token', example: 'c0ffee…', description: 'At least 128 random bits, as configured.' })
  @ApiConsumes('application/json', 'application/x-www-form-urlencoded')
  @ApiBody({ schema: { type: 'object', example: { requestId: '64f0c0ffee00000000000001', status: '1' } } })
  @ApiResponse({ status: 200, description: 'Stored.' })
  @ApiProblems(401, 404, 413, 500, 503)
  async receiveByToken(
    @Param('provider') name: string,
    @Param('token') token: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.hear(name, webhookOf(request, token));
  }

  private async hear(name: string, webhook: RawWebhook): Promise<void> {
    const { outcome } = await this.hearWebhooks.hear(name, webhook);
    switch (outcome) {
      case 'heard':
        return;
      case 'not_authentic':
        throw new Problem(401, outcome, 'This request does not come from the vendor as configured.');
      case 'unknown_provider':
        throw unknownProvider();
      case 'provider_broken':
        throw brokenProvider(name);
      default:
        return assertNever(outcome);
    }
  }
}

const unknownProvider = (): Problem => new Problem(404, 'unknown_provider', 'No provider of this name takes receipts here.');

const brokenProvider = (name: string): Problem =>
  new Problem(
    500,
    'provider_broken',
    `The provider ${name} failed on this request by a fault of its own. It has been logged; send it again later.`,
  );

function webhookOf(request: FastifyRequest, pathToken: string): RawWebhook {
  const headers = Object.fromEntries(
    Object.entries(singleHeaders(request)).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const query = Object.fromEntries(new URL(request.url, 'http://localhost').searchParams);
  return { method: request.method, headers, query, pathToken, clientAddress: request.ip, rawBody: rawBodyOf(request) };
}
