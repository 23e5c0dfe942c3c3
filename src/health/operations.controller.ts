import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CallerOf, type CallerRequest, Needs } from '../access/access.api';
import { ApiProblems } from '../http/api-problems';
import { ReplayParked } from './replay-parked';

class ReplayedDto {
  @ApiProperty({ example: 1, description: 'Parked bus events that are delivered again.' })
  replayed: number;
}

@ApiTags('Health')
@ApiBearerAuth()
@Controller('v1/operations')
export class OperationsController {
  constructor(@Inject(ReplayParked) private readonly replayParked: ReplayParked) {}

  @Post('parked-events/replay')
  @HttpCode(200)
  @Needs('admin')
  @ApiOperation({
    summary: 'Deliver parked bus events again',
    description:
      'A bus event is parked after its handler has failed five times within half a minute; /health/ready shows it. Mend the cause, then call this.',
  })
  @ApiResponse({ status: 200, description: 'They are on their way.', type: ReplayedDto })
  @ApiProblems(401, 403, 503)
  async replay(@Req() request: CallerRequest): Promise<ReplayedDto> {
    return { replayed: await this.replayParked.replay(CallerOf(request).keyId) };
  }
}
