import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Open } from '../../access/access.api';
import { CONFIG, type Config } from '../../config/config';
import { ApiPage } from '../../http/api-pages';
import { PageToken } from '../../http/page-token';
import { type Followed, FollowLink } from '../follow-link';
import { GuessLimit } from '../guess-limit';
import { PayByLink, type PayView } from '../pay-by-link';
import { sendEnd, sendUnknown, sendView } from './answers';

const TOKEN = { name: 'token', example: 'q3xTz0Vb1Lk', description: 'Eleven characters.' };

/** What the buttons of the pay page do. */
@ApiTags('Links')
@Controller()
@Open('customers come without a key; the token is the secret')
export class PayController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(FollowLink) private readonly followLink: FollowLink,
    @Inject(PayByLink) private readonly payByLink: PayByLink,
    @Inject(GuessLimit) private readonly guesses: GuessLimit,
  ) {}

  @Get(':token/status')
  @ApiOperation({
    summary: 'How the payment stands now',
    description: 'The pay page again, read from the gateway anew. No click is counted and nothing changes.',
  })
  @ApiParam(TOKEN)
  @ApiPage(200, 'The pay page.')
  @ApiPage(404, 'Unknown: a page that says so.')
  @ApiPage(410, 'Too old, or nothing is left to pay: a page that says so.')
  @ApiPage(429, 'Too many unknown links from this address.')
  @ApiPage(503, 'The gateway does not say how the payment stands.')
  status(@PageToken() token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.withLink(token, request, reply, (link) => this.payByLink.look(link));
  }

  @Post(':token/upi')
  @ApiOperation({
    summary: 'Begin to pay by UPI',
    description: 'Asks the gateway for a UPI address of this very order: a link on a phone, a QR code on a desktop.',
  })
  @ApiParam(TOKEN)
  @ApiPage(200, 'The pay page with the address.')
  @ApiPage(404, 'Unknown: a page that says so.')
  @ApiPage(410, 'Too old, or nothing is left to pay: a page that says so.')
  @ApiPage(429, 'Too many unknown links from this address.')
  @ApiPage(503, 'The gateway does not say how the payment stands.')
  upi(@PageToken() token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.withLink(token, request, reply, (link) => this.payByLink.startUpi(link));
  }

  @Post(':token/link')
  @ApiOperation({
    summary: 'On to a payment link',
    description:
      'For a payment that has no order: the gateway makes one payment link, and only one, however often this is asked for.',
  })
  @ApiParam(TOKEN)
  @ApiResponse({ status: 303, description: "To the gateway's payment link." })
  @ApiPage(200, 'A page that says why there is none.')
  @ApiPage(404, 'Unknown: a page that says so.')
  @ApiPage(410, 'Too old, or nothing is left to pay: a page that says so.')
  @ApiPage(429, 'Too many unknown links from this address.')
  @ApiPage(503, 'The gateway does not say how the payment stands.')
  link(@PageToken() token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.withLink(token, request, reply, (link) => this.payByLink.openPaymentLink(link));
  }

  @Post(':token/return')
  @ApiOperation({
    summary: 'Back from the gateway',
    description:
      "Whatever the gateway's form carries proves nothing: the browser is sent on to the page that asks the gateway itself.",
  })
  @ApiParam(TOKEN)
  @ApiResponse({ status: 303, description: 'To the status page.' })
  @ApiPage(404, 'Unknown: a page that says so.')
  comeBack(@PageToken() token: string, @Res() reply: FastifyReply): void {
    const known = /^[A-Za-z0-9_-]{11}$/.test(token);
    if (!known) return sendEnd(reply, { outcome: 'unknown' });
    void reply
      .status(303)
      .header('location', `${this.pathOf(token)}/status`)
      .send();
  }

  @Get([':token/upi', ':token/link', ':token/return'])
  @ApiOperation({
    summary: 'Back at the pay page',
    description:
      'A browser that comes back by GET (a checkout that was left, a page that is loaded anew) is sent on to the page that asks the gateway. Nothing begins.',
  })
  @ApiParam(TOKEN)
  @ApiResponse({ status: 303, description: 'To the status page.' })
  @ApiPage(404, 'Unknown: a page that says so.')
  loadAnew(@PageToken() token: string, @Res() reply: FastifyReply): void {
    this.comeBack(token, reply);
  }

  private async withLink(
    token: string,
    request: FastifyRequest,
    reply: FastifyReply,
    view: (link: Extract<Followed, { outcome: 'pay' }>['link']) => Promise<PayView>,
  ): Promise<void> {
    const followed = await this.followLink.payable(token);
    if (followed.outcome === 'unknown') return sendUnknown(reply, this.guesses, request.ip);
    if (followed.outcome !== 'pay') return sendEnd(reply, followed);
    const userAgent = request.headers['user-agent'];
    sendView(reply, await view(followed.link), { path: this.pathOf(token), userAgent, config: this.config });
  }

  private pathOf(token: string): string {
    return `/${this.config.links.header}/${token}`;
  }
}
