import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Open } from '../../access/access.api';
import { CONFIG, type Config } from '../../config/config';
import { ApiPage } from '../../http/api-pages';
import { PageToken } from '../../http/page-token';
import { FollowLink } from '../follow-link';
import { GuessLimit } from '../guess-limit';
import { PayByLink } from '../pay-by-link';
import { sendEnd, sendUnknown, sendView } from './answers';

@ApiTags('Links')
@Controller()
@Open('customers come without a key; the token is the secret')
export class LinksController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(FollowLink) private readonly followLink: FollowLink,
    @Inject(PayByLink) private readonly payByLink: PayByLink,
    @Inject(GuessLimit) private readonly guesses: GuessLimit,
  ) {}

  @Get(':token')
  @ApiOperation({
    summary: "A message's short link",
    description:
      'Counts the click and leads on: to the shop, or to the pay page where the shop has none. Paid or expired, it says so kindly. Never changes the state of a payment.',
  })
  @ApiParam({ name: 'token', example: 'q3xTz0Vb1Lk', description: 'Eleven characters.' })
  @ApiResponse({ status: 302, description: 'To the shop.' })
  @ApiPage(200, 'The pay page, or a page that says that nothing is left to do.')
  @ApiPage(404, 'Unknown: a page that says so.')
  @ApiPage(410, 'Too old, or nothing is left to pay: a page that says so.')
  @ApiPage(429, 'Too many unknown links from this address.')
  @ApiPage(503, 'Neither the database nor, for a pay page, the gateway can say how it stands.')
  async follow(@PageToken() token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const userAgent = request.headers['user-agent'];
    const followed = await this.followLink.follow(token, { method: request.method, userAgent });
    switch (followed.outcome) {
      case 'redirect':
        return void reply
          .status(302)
          .header('cache-control', 'no-store')
          .header('referrer-policy', 'no-referrer')
          .header('location', followed.target)
          .send();
      case 'pay':
        return sendView(reply, await this.payByLink.look(followed.link), {
          path: `/${this.config.links.header}/${token}`,
          userAgent,
          config: this.config,
        });
      case 'unknown':
        return sendUnknown(reply, this.guesses, request.ip);
      default:
        return sendEnd(reply, followed);
    }
  }
}
