import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { LintTemplates } from '../lint-templates';
import { RegisterTemplates } from '../register-templates';
import { mendOfValue } from '../rules/dlt-template';
import { smsPartsOf } from '../rules/sms-parts';
import { type RegisteredSmsTemplateDto, SmsPreviewDto, SmsTemplateDto, SmsTemplatesDto, SmsValuesDto } from './sms-templates.dto';

const ID = { name: 'id', example: '64f0c0ffee00000000000001', description: "The provider's id of the template." };

@ApiTags('Templates')
@ApiBearerAuth()
@Controller('v1/templates/sms')
export class SmsTemplatesController {
  constructor(
    @Inject(RegisterTemplates) private readonly registerTemplates: RegisterTemplates,
    @Inject(LintTemplates) private readonly lint: LintTemplates,
  ) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'The registered SMS templates' })
  @ApiResponse({ status: 200, description: 'Every template.', type: SmsTemplatesDto })
  @ApiProblems(401, 403, 503)
  async list(): Promise<SmsTemplatesDto> {
    return { templates: (await this.registerTemplates.all()) as RegisteredSmsTemplateDto[] };
  }

  @Put(':id')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Register an SMS template as it was approved on DLT',
    description:
      'Refused with the number of each rule it breaks and how to mend it. From then on journeys that name it, and every send, are checked against it.',
  })
  @ApiParam(ID)
  @ApiResponse({ status: 204, description: 'Registered, in every container within a second.' })
  @ApiProblems(400, 401, 403, 422, 503)
  async register(@Param('id') id: string, @Body() body: SmsTemplateDto, @Req() request: CallerRequest): Promise<void> {
    const { language, category, entityId, header, dltId, brand, text, variables, reason, mostParts, samples } = body;
    const template = {
      id,
      language,
      category,
      entityId,
      header,
      dltId,
      brand,
      text,
      variables,
      ...(reason === undefined ? {} : { reason }),
      ...(mostParts === undefined ? {} : { mostParts }),
      ...(samples === undefined ? {} : { samples: { ...samples } }),
    };
    const faults = await this.registerTemplates.register(template, CallerOf(request).keyId);
    if (faults.length > 0)
      throw unprocessable(faults.map(({ rule, code, detail }) => ({ at: '/text', code, detail: `Rule ${rule}. ${detail}` })));
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Forget a registered SMS template', description: 'Sends that name it are no longer checked.' })
  @ApiParam(ID)
  @ApiResponse({ status: 204, description: 'Forgotten.' })
  @ApiProblems(401, 403, 404, 503)
  async remove(@Param('id') id: string, @Req() request: CallerRequest): Promise<void> {
    if (!(await this.registerTemplates.remove(id, CallerOf(request).keyId))) throw notFound('template');
  }

  @Post(':id/preview')
  @HttpCode(200)
  @Needs('read')
  @ApiOperation({ summary: 'What an SMS would say, and how many parts it takes', description: 'Nothing is sent.' })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'The text with its values.', type: SmsPreviewDto })
  @ApiProblems(400, 401, 403, 404, 422)
  preview(@Param('id') id: string, @Body() { variables }: SmsValuesDto): SmsPreviewDto {
    const template = this.registerTemplates.named(id);
    if (!template) throw notFound('template');
    const texts = Object.entries(variables).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    const filled = this.lint.filledSms(template, Object.fromEntries(texts));
    if (!filled.ok) {
      const { variable, code } = filled;
      throw unprocessable([{ at: `/variables/${variable}`, code, detail: `Rule 5. ${mendOfValue(template, variable, code)}` }]);
    }
    const { encoding, places, parts, unusual } = smsPartsOf(filled.text);
    return { text: filled.text, encoding, places, parts, unusual: [...unusual] };
  }
}
