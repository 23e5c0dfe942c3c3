import { Body, Controller, Delete, Get, HttpCode, Inject, Put, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { ReasonDto } from '../../http/reason.dto';
import { StopSending } from '../stop-sending';

class StopDto {
  @ApiProperty({ example: 'all', description: '`all`, or `journey:` and the key of a paused journey.' })
  scope: string;

  @ApiProperty({
    example: '5f1c2a9be0d41c77',
    description:
      'The id of the API key that stopped it; `restored`: Wapas itself, on a database that was restored from a backup. Sending begins when it is told to.',
  })
  actor: string;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'Since when, business time.' })
  since: string;
}

class StopsDto {
  @ApiProperty({ type: [StopDto], description: 'Empty: everything may be sent.' })
  stops: StopDto[];
}

@ApiTags('Operations')
@ApiBearerAuth()
@Controller('v1/operations/stop')
export class StopsController {
  constructor(@Inject(StopSending) private readonly stopSending: StopSending) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'What is stopped just now' })
  @ApiResponse({ status: 200, description: 'All stops.', type: StopsDto })
  @ApiProblems(401, 403)
  async list(): Promise<StopsDto> {
    const stops = await this.stopSending.all();
    return { stops: stops.map(({ scope, actor, since }) => ({ scope, actor, since: since.toISOString() })) };
  }

  @Put()
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Stop all sending',
    description:
      'The kill switch, for every channel and journey at once; a body is not needed. From the moment of the answer no message is claimed, in any container; calls that are open may land. Runs go on and plan; what waits is kept, and expires in its own time. Who did it, when and why stands in the audit log; asked for again it changes nothing, and the entry stays that of who stopped it.',
  })
  @ApiResponse({ status: 204, description: 'Nothing is sent any more.' })
  @ApiProblems(400, 401, 403, 415, 422, 503)
  async stop(@Req() request: CallerRequest, @Body() body: ReasonDto, @Query() query: ReasonDto): Promise<void> {
    await this.stopSending.everything(CallerOf(request).keyId, body.reason ?? query.reason ?? null);
  }

  @Delete()
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Send again',
    description: 'What waited goes out within half a minute, as far as it is not too late; paused journeys stay paused.',
  })
  @ApiResponse({ status: 204, description: 'Sending goes on.' })
  @ApiProblems(401, 403, 404, 422, 503)
  async resume(@Req() request: CallerRequest, @Query() query: ReasonDto): Promise<void> {
    if (!(await this.stopSending.resumeEverything(CallerOf(request).keyId, query.reason ?? null))) throw notFound('stop');
  }
}
