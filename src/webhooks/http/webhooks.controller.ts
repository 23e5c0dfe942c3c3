import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { assertNever } from '@wapas/kernel';
import { notFound, Problem, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { checkedId } from '../../http/checked-id';
import { Log } from '../../log';
import { type Asked, KeepEndpoints } from '../keep-endpoints';
import {
  CreatedEndpointDto,
  DeliveriesDto,
  DeliveriesQueryDto,
  type DeliveryDto,
  EndpointChangeDto,
  EndpointDto,
  EndpointsDto,
  NewEndpointDto,
  RotatedSecretDto,
  ResentDto,
  RotationDto,
  SentTestDto,
} from './webhooks.dto';

type Endpoint = NonNullable<Awaited<ReturnType<KeepEndpoints['find']>>>;
type LoggedDelivery = Awaited<ReturnType<KeepEndpoints['deliveries']>>['deliveries'][number];

const ID = { name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The endpoint.' };
const DELIVERY = { ...ID, name: 'deliveryId', description: 'The delivery.' };

@ApiTags('Webhooks')
@ApiBearerAuth()
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    @Inject(KeepEndpoints) private readonly keepEndpoints: KeepEndpoints,
    @Inject(Log) private readonly log: Log,
  ) {}

  @Post()
  @Needs('admin')
  @ApiOperation({
    summary: 'Be told what happens',
    description:
      'Each thing is one POST of `{"type", "timestamp", "data"}`, signed as Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`), at least once, in no certain order. What fails comes again with growing pauses for three days. In force everywhere within two seconds.',
  })
  @ApiResponse({ status: 201, description: 'Made. The secret is shown now and never again.', type: CreatedEndpointDto })
  @ApiProblems(400, 401, 403, 409, 415, 422, 503)
  async create(@Body() { url, kinds, description }: NewEndpointDto, @Req() request: CallerRequest): Promise<CreatedEndpointDto> {
    const { keyId } = CallerOf(request);
    const result = await this.keepEndpoints.create(url, kinds ?? [], description ?? '', keyId);
    switch (result.outcome) {
      case 'created':
        this.log.info('webhook endpoint made', { endpointId: result.endpoint.id, keyId });
        return { endpoint: toDto(result.endpoint), secret: result.secret };
      case 'refused':
        throw unprocessable([result.fault]);
      case 'too_many':
        throw new Problem(409, 'too_many_endpoints', 'There are 20 endpoints already. Remove one that is not needed.');
      default:
        return assertNever(result);
    }
  }

  @Get()
  @Needs('admin')
  @ApiOperation({ summary: 'Who is told what' })
  @ApiResponse({ status: 200, description: 'Every endpoint.', type: EndpointsDto })
  @ApiProblems(401, 403, 503)
  async list(): Promise<EndpointsDto> {
    return { endpoints: (await this.keepEndpoints.list()).map(toDto) };
  }

  @Get(':id')
  @Needs('admin')
  @ApiOperation({ summary: 'One endpoint, and how it is doing' })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'The endpoint.', type: EndpointDto })
  @ApiProblems(400, 401, 403, 404, 503)
  async find(@Param('id') id: string): Promise<EndpointDto> {
    return toDto((await this.keepEndpoints.find(checkedId(id))) ?? unknownEndpoint());
  }

  @Patch(':id')
  @Needs('admin')
  @ApiOperation({
    summary: 'Change an endpoint, switch it on or off',
    description: 'Fields that are absent stay as they are. At another address it begins anew: what waits is tried at once.',
  })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'Changed.', type: EndpointDto })
  @ApiProblems(400, 401, 403, 404, 415, 422, 503)
  async change(@Param('id') id: string, @Body() body: EndpointChangeDto, @Req() request: CallerRequest): Promise<EndpointDto> {
    const { url, kinds, description, state } = body;
    const { keyId } = CallerOf(request);
    const result = await this.keepEndpoints.change(checkedId(id), { url, kinds, description, state }, keyId);
    switch (result.outcome) {
      case 'changed':
        this.log.info('webhook endpoint changed', { endpointId: id, keyId });
        return toDto(result.endpoint);
      case 'refused':
        throw unprocessable([result.fault]);
      case 'unknown':
        return unknownEndpoint();
      default:
        return assertNever(result);
    }
  }

  @Delete(':id')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({ summary: 'Remove an endpoint with its deliveries' })
  @ApiParam(ID)
  @ApiResponse({ status: 204, description: 'Removed.' })
  @ApiProblems(400, 401, 403, 404, 503)
  async remove(@Param('id') id: string, @Req() request: CallerRequest): Promise<void> {
    const { keyId } = CallerOf(request);
    if (!(await this.keepEndpoints.remove(checkedId(id), keyId))) unknownEndpoint();
    this.log.info('webhook endpoint removed', { endpointId: id, keyId });
  }

  @Post(':id/secret')
  @HttpCode(200)
  @Needs('admin')
  @ApiOperation({
    summary: 'Change the secret',
    description: 'Meanwhile `webhook-signature` holds a signature of each, parted by a blank.',
  })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'The new secret, shown now and never again.', type: RotatedSecretDto })
  @ApiProblems(400, 401, 403, 404, 415, 422, 503)
  async rotate(
    @Param('id') id: string,
    @Body() { keepOldForHours }: RotationDto,
    @Req() request: CallerRequest,
  ): Promise<RotatedSecretDto> {
    const { keyId } = CallerOf(request);
    const result = await this.keepEndpoints.rotateSecret(checkedId(id), keepOldForHours ?? 24, keyId);
    switch (result.outcome) {
      case 'rotated':
        this.log.info('webhook secret changed', { endpointId: id, keyId });
        return { secret: result.secret };
      case 'refused':
        throw unprocessable([result.fault]);
      case 'unknown':
        return unknownEndpoint();
      default:
        return assertNever(result);
    }
  }

  @Post(':id/test')
  @HttpCode(202)
  @Needs('admin')
  @ApiOperation({ summary: 'Post a `webhook.test` there' })
  @ApiParam(ID)
  @ApiResponse({ status: 202, description: 'On its way.', type: SentTestDto })
  @ApiProblems(400, 401, 403, 404, 409, 503)
  async test(@Param('id') id: string): Promise<SentTestDto> {
    const [deliveryId] = waitingOf(id, await this.keepEndpoints.test(checkedId(id)));
    return { deliveryId: deliveryId as string };
  }

  @Get(':id/deliveries')
  @Needs('read')
  @ApiOperation({
    summary: 'What was delivered there, what waits, what was given up',
    description: 'Kept as long as contents are (`WAPAS_PAYLOAD_DAYS`).',
  })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'A page of deliveries.', type: DeliveriesDto })
  @ApiProblems(400, 401, 403, 404, 422, 503)
  async deliveries(@Param('id') id: string, @Query() { state, kind, cursor }: DeliveriesQueryDto): Promise<DeliveriesDto> {
    if (!(await this.keepEndpoints.find(checkedId(id)))) unknownEndpoint();
    const page = await this.keepEndpoints.deliveries(id, { state: state ?? null, kind: kind ?? null, before: cursor ?? null });
    return { deliveries: page.deliveries.map(toDeliveryDto), nextCursor: page.next };
  }

  @Post(':id/deliveries/:deliveryId/resend')
  @HttpCode(202)
  @Needs('admin')
  @ApiOperation({ summary: 'Deliver one thing again', description: 'Whatever became of it before; with the same `webhook-id`.' })
  @ApiParam(ID)
  @ApiParam(DELIVERY)
  @ApiResponse({ status: 202, description: 'On its way.' })
  @ApiProblems(400, 401, 403, 404, 409, 410, 503)
  async resend(@Param('id') id: string, @Param('deliveryId') deliveryId: string, @Req() request: CallerRequest): Promise<void> {
    waitingOf(id, await this.keepEndpoints.resend(checkedId(id), checkedId(deliveryId), CallerOf(request).keyId));
  }

  @Post(':id/parked-deliveries/resend')
  @HttpCode(202)
  @Needs('admin')
  @ApiOperation({ summary: 'Deliver everything that was given up again', description: 'For when the endpoint is mended.' })
  @ApiParam(ID)
  @ApiResponse({ status: 202, description: 'On their way.', type: ResentDto })
  @ApiProblems(400, 401, 403, 404, 409, 503)
  async resendParked(@Param('id') id: string, @Req() request: CallerRequest): Promise<ResentDto> {
    return { resent: waitingOf(id, await this.keepEndpoints.resendParked(checkedId(id), CallerOf(request).keyId)).length };
  }
}

/** What was put in line, or the refusal that says why nothing was. */
function waitingOf(endpointId: string, asked: Asked): readonly string[] {
  switch (asked.outcome) {
    case 'waits':
      return asked.deliveryIds;
    case 'off':
      throw new Problem(
        409,
        'endpoint_off',
        `The endpoint is switched off, and nothing is delivered there. Switch it on first: PATCH /v1/webhooks/${endpointId} with {"state":"on"}.`,
      );
    case 'not_kept':
      throw new Problem(
        410,
        'content_not_kept',
        'What it carried was erased: words of a person go once they have arrived, or on their wish.',
      );
    case 'unknown':
      throw notFound('delivery of this endpoint');
    case 'unknown_endpoint':
      return unknownEndpoint();
    default:
      return assertNever(asked);
  }
}

function unknownEndpoint(): never {
  throw notFound('webhook endpoint');
}

function toDto({ id, url, kinds, description, state, offBecause, createdAt, failures, failingSince }: Endpoint): EndpointDto {
  return {
    id,
    url,
    kinds: [...kinds],
    description,
    state,
    offBecause,
    createdAt: createdAt.toISOString(),
    failuresInARow: failures,
    failingSince: failingSince?.toISOString() ?? null,
  };
}

function toDeliveryDto(one: LoggedDelivery): DeliveryDto {
  return {
    id: one.id,
    kind: one.kind,
    state: one.state,
    createdAt: one.createdAt.toISOString(),
    tries: one.tries,
    nextTryAt: one.dueAt?.toISOString() ?? null,
    lastTriedAt: one.lastTriedAt?.toISOString() ?? null,
    lastStatus: one.lastStatus,
    lastError: one.lastError,
    lastMs: one.lastMs,
    canBeResent: one.isKept,
  };
}
