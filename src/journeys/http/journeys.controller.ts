import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { formatDuration } from '@wapas/kernel';
import { Needs, Open } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { Catalogue } from '../catalogue';
import { definitionSchema } from '../rules/definition-schema';

class StepDto {
  @ApiProperty({ example: 'whatsapp', description: 'The step.' })
  key: string;

  @ApiProperty({ example: '15m', description: 'When, from T.' })
  after: string;

  @ApiProperty({ example: 'whatsapp', description: 'The channel.' })
  channel: string;
}

class JourneyDto {
  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  key: string;

  @ApiProperty({ example: 'Payment failed', description: 'Its name.' })
  name: string;

  @ApiProperty({ example: 3, description: 'The version that new triggers enter.' })
  version: number;

  @ApiProperty({
    enum: ['published', 'paused', 'archived'],
    example: 'published',
    description: 'Paused: people in flight are kept and nothing is sent. Archived: nobody enters.',
  })
  standing: string;

  @ApiProperty({ example: 'Payment Failed', description: 'The event that starts a run.' })
  trigger: string;

  @ApiProperty({ example: 10, description: 'Share of people who get nothing, in percent.' })
  holdoutPercent: number;

  @ApiProperty({ type: [StepDto], description: 'The timeline.' })
  steps: StepDto[];
}

class BrokenFileDto {
  @ApiProperty({ example: 'cart.yaml', description: 'The file that was refused.' })
  file: string;

  @ApiProperty({
    type: [Object],
    example: [{ at: '/steps/0/after', code: 'delay_out_of_range', detail: 'Use more than 0s and at most 30d.' }],
    description: 'Everything that is wrong with it.',
  })
  faults: object[];
}

class JourneysDto {
  @ApiProperty({ type: [JourneyDto], description: 'Published journeys.' })
  journeys: JourneyDto[];

  @ApiProperty({ type: [BrokenFileDto], description: 'Files that were refused at start.' })
  broken: BrokenFileDto[];
}

@ApiTags('Journeys')
@ApiBearerAuth()
@Controller('v1/journeys')
export class JourneysController {
  constructor(@Inject(Catalogue) private readonly catalogue: Catalogue) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'The published journeys, and the files that were refused' })
  @ApiResponse({ status: 200, description: 'All of them.', type: JourneysDto })
  @ApiProblems(401, 403)
  list(): JourneysDto {
    const journeys = this.catalogue.current().map(({ key, name, version, trigger, holdoutPercent, steps }) => ({
      key,
      name,
      version,
      standing: this.catalogue.standingOf(key),
      trigger: trigger.event,
      holdoutPercent,
      steps: steps.map((step) => ({ key: step.key, after: formatDuration(step.after), channel: step.channel })),
    }));
    return { journeys, broken: this.catalogue.brokenFiles.map(({ file, faults }) => ({ file, faults: [...faults] })) };
  }
}

/** Without a key, and so apart: a controller's documentation says who may call it. */
@ApiTags('Journeys')
@Controller('v1/journeys/schema')
export class SchemaController {
  @Get()
  @Open('the format of journey files is no secret, and editors send no key')
  @ApiOperation({ summary: 'The JSON Schema of a journey file', description: 'For completion and checking in an editor.' })
  @ApiResponse({ status: 200, description: 'JSON Schema, draft 7.', schema: { type: 'object', additionalProperties: true } })
  schema(): object {
    return definitionSchema;
  }
}
