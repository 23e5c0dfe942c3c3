import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Open } from '../access/access.api';
import { Readiness } from './readiness';

class LiveDto {
  @ApiProperty({ enum: ['live'], example: 'live', description: 'It answers, so it runs.' })
  status: 'live';
}

class QueueDto {
  @ApiProperty({
    enum: ['in-process', 'bull'],
    example: 'in-process',
    description: 'What carries sends: this process alone, or Bull.',
  })
  adapter: string;

  @ApiProperty({
    example: 12,
    description: 'Jobs, of up to fifty sends each, that this process has finished with since it started.',
  })
  jobs: number;
}

class ReadyDto {
  @ApiProperty({
    enum: ['ready', 'draining', 'no_database'],
    example: 'ready',
    description: 'Anything but `ready` comes with 503.',
  })
  status: string;

  @ApiProperty({ type: QueueDto, description: 'The queue of sends.' })
  queue: QueueDto;

  @ApiProperty({
    type: [String],
    example: ['webhook is paused (operator)'],
    description: 'What a person should look at, a sentence each. None of it takes ingest down.',
  })
  attention: string[];
}

@ApiTags('Health')
@Controller('health')
@Open('says nothing about customers')
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs' })
  @ApiResponse({ status: 200, description: 'It does.', type: LiveDto })
  live(): LiveDto {
    return { status: 'live' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'Able to serve',
    description:
      '503 only without a database, while migrating or while draining. Everything else that needs a person stands in `attention`.',
  })
  @ApiResponse({ status: 200, description: 'Ready.', type: ReadyDto })
  @ApiResponse({ status: 503, description: 'Not ready.', type: ReadyDto })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const report = await this.readiness.report();
    void reply
      .status(report.status === 'ready' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report);
  }
}
