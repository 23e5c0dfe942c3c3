import { Body, Controller, Get, HttpCode, Inject, Post, Put, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { RegisterTemplates } from '../register-templates';
import { type KnownTemplates, SyncTemplates } from '../sync-templates';
import { ListedAddressesDto, type SyncedProviderDto, SyncedTemplatesDto, SyncResultsDto } from './template-registry.dto';

@ApiTags('Templates')
@ApiBearerAuth()
@Controller('v1/templates')
export class TemplateRegistryController {
  constructor(
    @Inject(SyncTemplates) private readonly syncTemplates: SyncTemplates,
    @Inject(RegisterTemplates) private readonly registerTemplates: RegisterTemplates,
  ) {}

  @Get('synced')
  @Needs('read')
  @ApiOperation({
    summary: 'Templates as their vendors hold them',
    description:
      'By provider and translation, with status, category, quality, placeholders and lifetime: what journeys and sends are checked against.',
  })
  @ApiResponse({ status: 200, description: 'What is known of them.', type: SyncedTemplatesDto })
  @ApiProblems(401, 403, 503)
  async synced(): Promise<SyncedTemplatesDto> {
    return { providers: (await this.syncTemplates.all()).map(toDto) };
  }

  @Post('sync')
  @HttpCode(200)
  @Needs('admin')
  @ApiOperation({
    summary: "Read the vendors' lists of templates now",
    description:
      'They are also read at start, every hour, and after a webhook told of a change. A vendor that does not answer changes nothing.',
  })
  @ApiQuery({ name: 'provider', required: false, description: 'One provider alone.', example: 'whatsapp-cloud' })
  @ApiResponse({ status: 200, description: 'What came of it.', type: SyncResultsDto })
  @ApiProblems(401, 403, 404, 503)
  async sync(@Query('provider') provider?: string): Promise<SyncResultsDto> {
    const names = this.syncTemplates.names.filter((name) => provider === undefined || name === provider);
    if (provider !== undefined && names.length === 0) throw notFound('provider with a list of templates');
    return {
      results: await Promise.all(names.map(async (name) => ({ provider: name, ...(await this.syncTemplates.sync(name)) }))),
    };
  }

  @Get('sms-addresses')
  @Needs('read')
  @ApiOperation({ summary: 'Addresses that are white-listed with the operators' })
  @ApiResponse({ status: 200, description: 'The list.', type: ListedAddressesDto })
  @ApiProblems(401, 403, 503)
  addresses(): ListedAddressesDto {
    return { addresses: this.registerTemplates.addresses.map(({ kind, address }) => ({ kind, address })) };
  }

  @Put('sms-addresses')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Say which addresses are white-listed with the operators',
    description:
      'Replaces the list (rule 7). From then on an SMS with any other address is refused, at publish and at send. Short links of this deployment are listed by WAPAS_LINK_URL and WAPAS_LINK_HEADER.',
  })
  @ApiResponse({ status: 204, description: 'Kept, in every container within a second.' })
  @ApiProblems(400, 401, 403, 422, 503)
  async listAddresses(@Body() { addresses }: ListedAddressesDto, @Req() request: CallerRequest): Promise<void> {
    const listed = addresses.map(({ kind, address }) => ({ kind, address }));
    const faults = await this.registerTemplates.list(listed, CallerOf(request).keyId);
    if (faults.length > 0)
      throw unprocessable(
        faults.map(({ at, detail }) => ({ at: `/addresses/${at}/address`, code: 'not_listable', detail: `Rule 7. ${detail}` })),
      );
  }
}

function toDto({ provider, syncedAt, trouble, templates }: KnownTemplates): SyncedProviderDto {
  return {
    provider,
    syncedAt: syncedAt?.toISOString() ?? null,
    trouble,
    templates: templates.map((one) => ({
      name: one.name,
      language: one.language,
      status: one.status,
      code: one.code,
      category: one.category ?? null,
      quality: one.quality ?? null,
      parameterFormat: one.parameterFormat,
      header: one.header?.kind ?? null,
      body: one.body.text,
      parameters: [...one.body.parameters],
      footer: one.footer ?? null,
      buttons: one.buttons.map(({ kind, text, url, hasVariable }) => ({ kind, text, url: url ?? null, hasVariable })),
      validForSeconds: one.validForSeconds ?? null,
    })),
  };
}
