import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { notFound } from '@wapas/problems';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { RecordReceipts } from '../record-receipts';

export class PushOpenedDto {
  @ApiProperty({
    format: 'uuid',
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
    description: "The push's `wapas_msg` data field.",
  })
  @IsUUID()
  messageId: string;
}

@ApiTags('Receipts')
@ApiBearerAuth()
@Controller('v1/push')
export class PushOpenedController {
  constructor(@Inject(RecordReceipts) private readonly recordReceipts: RecordReceipts) {}

  @Post('opened')
  @HttpCode(204)
  @Needs('app')
  @ApiOperation({
    summary: 'The app reports that a push was opened',
    description:
      'FCM tells nobody. Without this call a push counts as not opened. Uses a publishable key (scope `app`); calling it twice changes nothing.',
  })
  @ApiResponse({ status: 204, description: 'Stored.' })
  @ApiProblems(400, 401, 403, 404, 422, 503)
  async opened(@Body() { messageId }: PushOpenedDto): Promise<void> {
    if (!(await this.recordReceipts.recordOpened(messageId))) throw notFound('message');
  }
}
