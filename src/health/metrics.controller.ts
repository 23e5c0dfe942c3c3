import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound } from '@wapas/problems';
import { type FastifyReply } from 'fastify';
import { NeedsUnless } from '../access/access.api';
import { CONFIG, type Config } from '../config/config';
import { ApiProblems } from '../http/api-problems';
import { expose, EXPOSITION } from './exposition';
import { Metrics } from './metrics';

@ApiTags('Health')
@ApiBearerAuth()
@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @Get()
  @NeedsUnless('read', ({ metrics }) => metrics === 'open')
  @ApiOperation({
    summary: 'Figures for Prometheus',
    description: 'Text format 0.0.4. With WAPAS_METRICS=open it asks for no key; with `off` it is not there. Names no customers.',
  })
  @ApiResponse({
    status: 200,
    description: 'The figures.',
    content: { 'text/plain': { schema: { type: 'string', example: 'wapas_ready 1' } } },
  })
  @ApiProblems(401, 403, 404, 503)
  async read(@Res() reply: FastifyReply): Promise<void> {
    if (this.config.metrics === 'off') throw notFound('route');
    const text = expose(await this.metrics.all());
    void reply.header('content-type', EXPOSITION).header('cache-control', 'no-store').send(text);
  }
}
