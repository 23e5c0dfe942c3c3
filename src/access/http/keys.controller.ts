import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Instant, toIso } from '@wapas/kernel';
import { notFound, unprocessable } from '@wapas/problems';
import { ApiProblems } from '../../http/api-problems';
import { Authenticate } from '../authenticate';
import { CallerOf, type CallerRequest, Needs } from '../caller';
import { ListKeys, type ListedKey } from '../list-keys';
import { expiryOf } from '../rules/key-expiry';
import { CreatedKeyDto, KeyDto, KeysDto, KeysQueryDto, NewKeyDto } from './keys.dto';

@ApiTags('Access')
@ApiBearerAuth()
@Controller('v1/keys')
export class KeysController {
  constructor(
    @Inject(Authenticate) private readonly authenticate: Authenticate,
    @Inject(ListKeys) private readonly listKeys: ListKeys,
  ) {}

  @Post()
  @Needs('admin')
  @ApiOperation({ summary: 'Make an API key' })
  @ApiResponse({ status: 201, description: 'The key, shown once.', type: CreatedKeyDto })
  @ApiProblems(400, 401, 403, 422)
  async create(@Body() { name, scopes, test, ...body }: NewKeyDto, @Req() request: CallerRequest): Promise<CreatedKeyDto> {
    const expiresAt = body.expiresAt === undefined ? null : checkedExpiry(body.expiresAt);
    const wanted = { name, scopes, test: test ?? false, expiresAt };
    const { id, text } = await this.authenticate.createKey(wanted, CallerOf(request).keyId);
    return { id, key: text, expiresAt: expiresAt && toIso(expiresAt) };
  }

  @Get()
  @Needs('admin')
  @ApiOperation({
    summary: 'Which API keys there are, and were',
    description: 'Newest first. What a key is itself is stored nowhere, so it is not shown.',
  })
  @ApiResponse({ status: 200, description: 'A page of keys.', type: KeysDto })
  @ApiProblems(400, 401, 403, 422, 503)
  async list(@Query() { cursor }: KeysQueryDto): Promise<KeysDto> {
    const { keys, next } = await this.listKeys.page(cursor ?? null);
    return { keys: keys.map(toDto), nextCursor: next };
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Revoke an API key', description: 'It stops working within 5 seconds.' })
  @ApiParam({ name: 'id', example: '5f1c2a9be0d41c77', description: "The key's id, not the key." })
  @ApiResponse({ status: 204, description: 'Revoked.' })
  @ApiProblems(401, 403, 404)
  async revoke(@Param('id') id: string, @Req() request: CallerRequest): Promise<void> {
    if (!(await this.authenticate.revokeKey(id, CallerOf(request).keyId))) throw notFound('live key');
  }
}

function checkedExpiry(text: string): Instant {
  const moment = expiryOf(text, Date.now() as Instant);
  if (moment !== null) return moment;
  throw unprocessable([{ at: '/expiresAt', code: 'bad_time', detail: 'Give a moment later than now.' }]);
}

function toDto({ id, name, scopes, test, state, createdAt, expiresAt, revokedAt }: ListedKey): KeyDto {
  return {
    id,
    name,
    scopes: [...scopes],
    test,
    state,
    createdAt: toIso(createdAt),
    expiresAt: expiresAt && toIso(expiresAt),
    revokedAt: revokedAt && toIso(revokedAt),
  };
}
