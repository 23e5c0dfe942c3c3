import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { assertNever } from '@wapas/kernel';
import { Open } from '../../access/access.api';
import { FollowLink } from '../follow-link';
import { page } from './page';

@ApiTags('Links')
@Controller()
@Open('customers come without a key; the token is the secret')
export class LinksController {
  constructor(@Inject(FollowLink) private readonly followLink: FollowLink) {}

  @Get(':token')
  @ApiOperation({
    summary: "A message's short link",
    description: 'Counts the click and leads on; paid or expired, it says so kindly. Never changes the state of a payment.',
  })
  @ApiParam({ name: 'token', example: 'q3xTz0Vb1Lk', description: 'Eleven characters.' })
  @ApiResponse({ status: 302, description: 'To the shop.' })
  @ApiResponse({ status: 200, description: 'Nothing is left to do: a page that says so.' })
  @ApiResponse({ status: 404, description: 'Unknown: a page that says so.' })
  @ApiResponse({ status: 410, description: 'Too old: a page that says so.' })
  async follow(@Param('token') token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const followed = await this.followLink.follow(token, { method: request.method, userAgent: request.headers['user-agent'] });
    void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    switch (followed.outcome) {
      case 'redirect':
        return void reply.status(302).header('location', followed.target).send();
      case 'settled':
        return sendPage(reply, 200, 'All done', 'This is settled already. There is nothing left for you to do.');
      case 'expired':
        return sendPage(reply, 410, 'This link has expired', 'Please open the app or the shop to go on.');
      case 'unknown':
        return sendPage(reply, 404, 'We do not know this link', 'Please check that it was copied whole.');
      default:
        return assertNever(followed);
    }
  }
}

function sendPage(reply: FastifyReply, status: number, title: string, text: string): void {
  void reply
    .status(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    .send(page(title, text));
}
