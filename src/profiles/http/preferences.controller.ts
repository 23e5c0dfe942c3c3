import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiProperty,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { assertNever, toIso } from '@wapas/kernel';
import { notFound } from '@wapas/problems';
import { Needs, Open } from '../../access/access.api';
import { ApiPage } from '../../http/api-pages';
import { ApiProblems } from '../../http/api-problems';
import { checkedId } from '../../http/checked-id';
import { sendPage } from '../../http/page';
import { PageToken } from '../../http/page-token';
import { rawBodyOf } from '../../http/raw-request';
import { KeepPreferences, type PreferenceChoice, type PreferencePage } from '../keep-preferences';
import { acceptedLanguages, languageFor } from '../rules/preference-words';
import { noticePage, preferencePage } from './preference-page';

class PreferenceLinkDto {
  @ApiProperty({
    example: 'https://wapas.example/preferences/AZoLUn8rfBGdVR87bQ1vCmkR3oEvU2mGp0xCq7d1Z8Yw4b2n',
    description: 'Give it to this customer and nobody else: whoever has it may change their preferences.',
  })
  url: string;

  @ApiProperty({ example: '2026-12-23T05:32:09.000Z', description: 'Until when it opens.' })
  expiresAt: string;
}

@ApiTags('Consent')
@ApiBearerAuth()
@Controller('v1/people/:id/preference-link')
export class PreferenceLinksController {
  constructor(@Inject(KeepPreferences) private readonly keepPreferences: KeepPreferences) {}

  @Post()
  @Needs('ingest')
  @ApiOperation({
    summary: "Make a link to a customer's preference page",
    description: 'Signed, valid for 30 days; nothing is stored.',
  })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The person.' })
  @ApiResponse({ status: 201, description: 'The link.', type: PreferenceLinkDto })
  @ApiProblems(400, 401, 403, 404)
  async create(@Param('id') id: string): Promise<PreferenceLinkDto> {
    const link = await this.keepPreferences.linkFor(checkedId(id));
    if (!link) throw notFound('person');
    return { url: link.url, expiresAt: toIso(link.expiresAt) };
  }
}

const TOKEN = {
  name: 'token',
  example: 'AZoLUn8rfBGdVR87bQ1vCmkR3oEvU2mGp0xCq7d1Z8Yw4b2n',
  description: 'The signed part of the link.',
};

@ApiTags('Consent')
@Controller('preferences')
@Open('customers come without a key; the link is signed')
export class PreferencesController {
  constructor(@Inject(KeepPreferences) private readonly keepPreferences: KeepPreferences) {}

  @Get(':token')
  @ApiOperation({
    summary: "A customer's preference page",
    description:
      'A switch for each purpose and channel, in the language of the person, or of the browser; English, Hindi and eleven more. Works without JavaScript.',
  })
  @ApiParam(TOKEN)
  @ApiProduces('text/html')
  @ApiPage(200, 'The page.')
  @ApiPage(404, 'No link of ours: a page that says so.')
  @ApiPage(410, 'Too old: a page that says so.')
  async show(@PageToken() token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.keepPreferences.show(token, readOf(request)), readOf(request));
  }

  @Post(':token')
  @HttpCode(200)
  @ApiOperation({
    summary: 'The customer saves their preferences',
    description:
      'The form of the page. `shown` says what the page had, and whether it was on: only what differs from that is changed, as the page may have been opened long ago. `do=stop` takes everything back, channels that come later included. Holds for every send that starts after the answer. Saving twice changes nothing.',
  })
  @ApiParam(TOKEN)
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({
    schema: {
      type: 'string',
      example: 'shown=service.whatsapp:on&shown=service.sms:off&on=service.whatsapp&on=service.sms&do=save',
    },
  })
  @ApiProduces('text/html')
  @ApiPage(200, 'The page as it is now. It names the switches that stand otherwise than was chosen, and why.')
  @ApiPage(404, 'No link of ours: a page that says so.')
  @ApiPage(410, 'Too old: a page that says so.')
  async save(@PageToken() token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(rawBodyOf(request).toString('utf8'));
    send(reply, await this.keepPreferences.change(token, choiceIn(form), readOf(request)), readOf(request));
  }
}

function choiceIn(form: URLSearchParams): PreferenceChoice {
  if (form.get('do') === 'stop') return 'stop_all';
  const shown = form.getAll('shown').map((one) => one.split(':') as [string, string?]);
  return {
    on: new Set(form.getAll('on')),
    // A page from before it said so.
    shown: shown.length === 0 ? null : new Map(shown.map(([name, state]) => [name, state === 'on'])),
  };
}

/** What the browser's owner reads, for people whose language nobody has told us. */
const readOf = (request: FastifyRequest): string[] => acceptedLanguages(request.headers['accept-language']);

function send(reply: FastifyReply, page: PreferencePage, accepted: readonly string[]): void {
  switch (page.outcome) {
    case 'shown':
    case 'saved':
      return sendPage(reply, 200, preferencePage(page), "'self'");
    case 'expired':
    case 'unknown':
      return sendPage(reply, page.outcome === 'expired' ? 410 : 404, noticePage(page.outcome, languageFor(accepted)));
    default:
      return assertNever(page);
  }
}
