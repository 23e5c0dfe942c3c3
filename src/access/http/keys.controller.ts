import { Body, Controller, Delete, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { notFound } from '@wapas/problems';
import { ApiProblems } from '../../http/api-problems';
import { Authenticate } from '../authenticate';
import { Needs } from '../caller';

import { CreatedKeyDto, NewKeyDto } from './keys.dto';

@ApiTags('Access')
@ApiBearerAuth()
@Controller('v1/keys')
export class KeysController {
  constructor(@Inject(Authenticate) private readonly authenticate: Authenticate) {}

  @Post()
  @Needs('admin')
  @ApiOperation({ summary: 'Make an API key' })
  @ApiResponse({ status: 201, description: 'The key, shown once.', type: CreatedKeyDto })
  @ApiProblems(400, 401, 403, 422)
  async create(@Body() body: NewKeyDto): Promise<CreatedKeyDto> {
    const { id, text } = await this.authenticate.createKey(body.name, body.scopes, body.test ?? false);
    return { id, key: text };
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Revoke an API key', description: 'It stops working within 5 seconds.' })
  @ApiParam({ name: 'id', example: '5f1c2a9be0d41c77', description: "The key's id, not the key." })
  @ApiResponse({ status: 204, description: 'Revoked.' })
  @ApiProblems(401, 403, 404)
  async revoke(@Param('id') id: string): Promise<void> {
    if (!(await this.authenticate.revokeKey(id))) throw notFound('live key');
  }
}
