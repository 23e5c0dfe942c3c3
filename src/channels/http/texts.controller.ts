import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound, Problem, unprocessable } from '@wapas/problems';
import { IsIn, IsObject } from 'class-validator';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { KeepTexts } from '../keep-texts';
import { localeOf } from '../rules/locales';
import { Templates } from '../templates';

class TextDto {
  @ApiProperty({ enum: ['service', 'marketing'], example: 'service', description: 'What steps must say that name it.' })
  @IsIn(['service', 'marketing'])
  category: 'service' | 'marketing';

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { title: 'Payment not completed', body: 'Payment of {{amount|money}} did not go through.' },
    description: "The channel's fields, as a journey file would have them.",
  })
  @IsObject()
  fields: Record<string, string>;
}

class KeptTextDto extends TextDto {
  @ApiProperty({ example: 'push', description: 'push, email, or the channel of an added provider.' })
  channel: string;

  @ApiProperty({ example: 'payment_failed', description: 'What journey files name: `template: { registered: payment_failed }`.' })
  name: string;

  @ApiProperty({ example: 'hi', description: 'The language.' })
  locale: string;
}

class TextsDto {
  @ApiProperty({ type: [KeptTextDto], description: 'By channel, name and language.' })
  texts: KeptTextDto[];
}

const CHANNEL = { name: 'channel', example: 'push', description: 'push, email, or the channel of an added provider.' };
const NAME = { name: 'name', example: 'payment_failed', description: 'Lower-case letters, digits and _.' };
const LOCALE = { name: 'locale', example: 'hi', description: 'A language, perhaps with a country: hi, en_IN.' };
/** Their texts are registered with Meta and on DLT. */
const REGISTERED_ELSEWHERE: ReadonlySet<string> = new Set(['whatsapp', 'sms']);

@ApiTags('Templates')
@ApiBearerAuth()
@Controller('v1/templates/texts')
export class TextsController {
  constructor(
    @Inject(KeepTexts) private readonly keepTexts: KeepTexts,
    @Inject(Templates) private readonly templates: Templates,
  ) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'The registered texts of push, e-mail and added channels' })
  @ApiResponse({ status: 200, description: 'Every text.', type: TextsDto })
  @ApiProblems(401, 403, 503)
  async list(): Promise<TextsDto> {
    const texts = (await this.keepTexts.all()).map(({ channel, name, locale, category, fields }) => ({
      channel,
      name,
      locale,
      category,
      fields: { ...fields },
    }));
    return { texts };
  }

  @Put(':channel/:name/:locale')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Register a text in a language',
    description:
      'Journeys name it with `template: { registered: NAME }`. For each person the language of the event (`properties.locale`) is tried, then the one they asked for, then the same without a country, then WAPAS_LOCALES in its order. A journey that names a text which is in none of WAPAS_LOCALES is refused.',
  })
  @ApiParam(CHANNEL)
  @ApiParam(NAME)
  @ApiParam(LOCALE)
  @ApiResponse({ status: 204, description: 'Kept, in every container within a second.' })
  @ApiProblems(400, 401, 403, 422, 503)
  async keep(
    @Param('channel') channel: string,
    @Param('name') name: string,
    @Param('locale') given: string,
    @Body() { category, fields }: TextDto,
    @Req() request: CallerRequest,
  ): Promise<void> {
    if (REGISTERED_ELSEWHERE.has(channel))
      throw new Problem(
        422,
        'registered_elsewhere',
        'Texts of WhatsApp are registered with Meta, those of SMS on DLT: PUT /v1/templates/sms/{id}.',
      );
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(name))
      throw new Problem(422, 'bad_name', 'Use lower-case letters, digits and _, at most 64.');
    const locale = localeOf(given);
    if (locale === null) throw new Problem(422, 'bad_locale', 'Give a language such as hi, or en_IN.');
    const faults = this.templates.faultsOf(channel, fields);
    if ('registered' in fields) throw new Problem(422, 'bad_template', 'A registered text cannot name another one.');
    if (faults.length > 0) throw unprocessable(faults.map(({ at, code, detail }) => ({ at: `/fields${at}`, code, detail })));
    await this.keepTexts.keep({ channel, name, locale, category, fields }, CallerOf(request).keyId);
  }

  @Delete(':channel/:name/:locale')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Forget a text in a language',
    description: 'Messages of steps that name it are skipped as missing_text when no language is left.',
  })
  @ApiParam(CHANNEL)
  @ApiParam(NAME)
  @ApiParam(LOCALE)
  @ApiResponse({ status: 204, description: 'Forgotten.' })
  @ApiProblems(401, 403, 404, 503)
  async remove(
    @Param('channel') channel: string,
    @Param('name') name: string,
    @Param('locale') locale: string,
    @Req() request: CallerRequest,
  ): Promise<void> {
    const place = { channel, name, locale: localeOf(locale) ?? locale };
    if (!(await this.keepTexts.remove(place, CallerOf(request).keyId))) throw notFound('text');
  }
}
