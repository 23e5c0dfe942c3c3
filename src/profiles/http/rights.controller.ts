import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Req, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { isRecord } from '@wapas/kernel';
import { notFound, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { CONFIG, type Config } from '../../config/config';
import { ApiProblems } from '../../http/api-problems';
import { checkedId } from '../../http/checked-id';
import { CheckedInput } from '../../http/validation';
import { Log } from '../../log';
import { CorrectPerson } from '../correct-person';
import { ErasePerson } from '../erase-person';
import { ERASING_PARTS } from '../erasure-done';
import { ExportPerson } from '../export-person';
import { personIn } from './parsing';
import { CorrectionDto, ErasureDto } from './rights.dto';

const ID = { name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The person.' };

const INPUT = new CheckedInput();

@ApiTags('Rights')
@ApiBearerAuth()
@Controller('v1/people/:id')
export class RightsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ExportPerson) private readonly exportPerson: ExportPerson,
    @Inject(CorrectPerson) private readonly correctPerson: CorrectPerson,
    @Inject(ErasePerson) private readonly erasePerson: ErasePerson,
    @Inject(Log) private readonly log: Log,
  ) {}

  @Get('export')
  @Needs('admin')
  @ApiOperation({
    summary: 'Everything that is held of a person, as JSON',
    description:
      'In the clear: addresses, consents with their proofs, events, runs and messages, all there are, streamed. What cannot be opened, since its key is missing or it is damaged, is null and named in `unreadable`. One that breaks off was cut: ask again. Hand it to nobody but them.',
  })
  @ApiParam(ID)
  @ApiResponse({
    status: 200,
    description: 'All of it.',
    schema: {
      type: 'object',
      example: {
        exportedAt: '2026-11-23T05:32:09.000Z',
        person: { id: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', name: 'Asha Rao', traits: { language: 'hi', minor: false } },
        addresses: [{ kind: 'phone', value: '+919812345678' }],
        consents: [{ purpose: 'marketing', channel: 'whatsapp', state: 'granted', proof: 'form 8' }],
        suppressions: [],
        events: [{ name: 'Payment Failed', content: { keys: { order: 'order_MkT9' } } }],
        runs: [],
        messages: [],
        unreadable: [],
      },
    },
  })
  @ApiProblems(400, 401, 403, 404)
  async export(@Param('id') id: string, @Req() request: CallerRequest): Promise<StreamableFile> {
    const exported = (await this.exportPerson.export(checkedId(id))) ?? unknownPerson();
    this.log.info('person exported', { personId: id, keyId: CallerOf(request).keyId });
    return new StreamableFile(exported, { type: 'application/json; charset=utf-8' });
  }

  @Patch()
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Put right what is known of a person', description: 'Fields that are absent stay as they are.' })
  @ApiParam(ID)
  @ApiBody({ type: CorrectionDto })
  @ApiResponse({ status: 204, description: 'Corrected.' })
  @ApiProblems(400, 401, 403, 404, 422, 503)
  async correct(@Param('id') id: string, @Body() given: Record<string, unknown>): Promise<void> {
    const body = await this.correctionIn(given);
    const { name, language, timeZone, minor, dnd, phone } = body;
    const email = body.email ? body.email.toLowerCase() : body.email;
    const known = await this.correctPerson.correct(checkedId(id), { name, language, timeZone, minor, dnd, phone, email });
    if (!known) unknownPerson();
  }

  /** Everything that is wrong is told at once: whether a number is one depends on the configuration, which no decorator knows. */
  private async correctionIn(given: Record<string, unknown>): Promise<CorrectionDto> {
    const checked = await INPUT.check(given, { type: 'body', metatype: CorrectionDto });
    const faults = checked.ok ? [] : [...checked.faults];
    const text = isRecord(given) ? given['phone'] : undefined;
    const isNumber = typeof text === 'string' && text.length > 0 && text.length <= 40;
    const phone = isNumber ? personIn({ phone: text }, this.config, '', faults).phone : undefined;
    if (!checked.ok || faults.length > 0) throw unprocessable(faults);
    const body = checked.value as CorrectionDto;
    return { ...body, phone: phone ?? body.phone };
  }

  @Post('erasure')
  @HttpCode(202)
  @Needs('admin')
  @ApiOperation({
    summary: 'Erase a person',
    description:
      'Addresses, names and proofs go at once and no send starts any more; events, runs, messages and links follow within seconds. A random id and the send log stay for the legal year, and what reports count, under random ids alone, for `WAPAS_REPORT_DAYS`. A later event makes nobody of them unless it carries a new consent.',
  })
  @ApiParam(ID)
  @ApiResponse({ status: 202, description: 'Under way; ask again for what is done.', type: ErasureDto })
  @ApiProblems(400, 401, 403, 404, 503)
  async erase(@Param('id') id: string): Promise<ErasureDto> {
    return toDto((await this.erasePerson.erase(checkedId(id))) ?? unknownPerson());
  }

  @Get('erasure')
  @Needs('admin')
  @ApiOperation({ summary: 'How far an erasure is' })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'What is done.', type: ErasureDto })
  @ApiProblems(400, 401, 403, 404)
  async progress(@Param('id') id: string): Promise<ErasureDto> {
    const erasure = await this.erasePerson.find(checkedId(id));
    if (!erasure) throw notFound('erasure of this person');
    return toDto(erasure);
  }
}

function toDto({ id, requestedAt, parts }: NonNullable<Awaited<ReturnType<ErasePerson['find']>>>): ErasureDto {
  const waiting = ERASING_PARTS.filter((part) => !parts.includes(part));
  return {
    id,
    state: waiting.length === 0 ? 'done' : 'running',
    requestedAt: requestedAt.toISOString(),
    done: [...parts],
    waiting,
  };
}

function unknownPerson(): never {
  throw notFound('person');
}
