import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@wapas/database';
import { isId, toIso } from '@wapas/kernel';
import { notFound, Problem } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../../access/access.api';
import { ApiProblems } from '../../../http/api-problems';
import { ReasonDto } from '../../../http/reason.dto';
import { failuresIn } from '../rules/judge-incident';
import { type Incident, incidentStore } from '../store/incident.store';
import { WatchIncidents } from '../watch-incidents';
import { IncidentDto, IncidentsDto, NewIncidentDto } from './incidents.dto';

const SHOWN = 100;

@ApiTags('Operations')
@ApiBearerAuth()
@Controller('v1/incidents')
export class IncidentsController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(WatchIncidents) private readonly watch: WatchIncidents,
  ) {}

  @Get()
  @Needs('read')
  @ApiOperation({
    summary: 'Mass incidents: methods, banks and gateways that fail far more often than usual, or are announced to be down',
    description:
      'While one is open, runs that went over it are held when they come due; one at a single gateway leaves runs of other gateways alone, and holds those that do not say which they went over; mandatory notices and journeys with `incidents: ignore` go on. When it is over, what is still in time is sent and the rest expires.',
  })
  @ApiResponse({ status: 200, description: 'What is held, and how the rails are doing.', type: IncidentsDto })
  @ApiProblems(401, 403, 503)
  async list(): Promise<IncidentsDto> {
    const [incidents, rails] = await Promise.all([
      incidentStore.latest(this.database, SHOWN),
      incidentStore.failures(this.database),
    ]);
    const open = incidents.filter(({ closedAt }) => closedAt === null);
    const held = new Map((await incidentStore.held(this.database, open)).map((runs, index) => [open[index]?.id, runs]));
    return {
      incidents: incidents.map((incident) => toDto(incident, held.get(incident.id) ?? 0)),
      rails: rails.map((rail) => {
        const { lastFiveMinutes, usual } = failuresIn(rail);
        return { dimension: rail.dimension, value: rail.value, gateway: rail.gateway, lastFiveMinutes, usual };
      }),
    };
  }

  @Post()
  @Needs('admin')
  @ApiOperation({
    summary: 'Hold the runs of a method, bank or gateway, or of a method or bank at one gateway',
    description: 'What a person holds, a person releases. In force everywhere within two seconds; kept in the audit log.',
  })
  @ApiResponse({ status: 201, description: 'Runs are held.', type: IncidentDto })
  @ApiProblems(400, 401, 403, 409, 415, 422, 503)
  async hold(@Req() request: CallerRequest, @Body() { dimension, value, gateway, reason }: NewIncidentDto): Promise<IncidentDto> {
    if (dimension === 'gateway' && gateway != null)
      throw new Problem(
        422,
        'gateway_of_a_gateway',
        'Name the gateway in `value` alone, or another dimension that is down at it.',
      );
    const rail = { dimension, value: value.toLowerCase(), gateway: gateway?.toLowerCase() ?? null };
    const incident = await this.watch.hold(rail, CallerOf(request).keyId, reason ?? null);
    if (!incident) throw new Problem(409, 'incident_is_open', 'It is held already; see GET /v1/incidents.');
    return toDto(incident, 0);
  }

  @Post(':id/release')
  @HttpCode(204)
  @Needs('admin')
  @ApiOperation({
    summary: 'Release the runs of an incident',
    description:
      'They go on at 200 a second and container, each as far as it is still in time. For an hour the count opens no new incident for the rail. Kept in the audit log.',
  })
  @ApiParam({ name: 'id', example: '0199e2a0-7c1e-7b52-9f53-2f1f2f6f9f10', description: 'The incident.' })
  @ApiResponse({ status: 204, description: 'Released.' })
  @ApiProblems(400, 401, 403, 404, 415, 422, 503)
  async release(@Req() request: CallerRequest, @Param('id') id: string, @Body() body: ReasonDto): Promise<void> {
    const isReleased = isId(id) && (await this.watch.release(id, CallerOf(request).keyId, body.reason ?? null));
    if (!isReleased) throw notFound('open incident');
  }
}

function toDto(incident: Incident, held: number): IncidentDto {
  const { id, dimension, value, gateway, openedAt, openedBy, reason, failures, usual, closedAt, closedBy } = incident;
  return {
    id,
    dimension,
    value,
    gateway,
    state: closedAt === null ? 'open' : 'over',
    held,
    openedAt: toIso(openedAt),
    openedBy,
    reason,
    failures,
    usual,
    closedAt: closedAt && toIso(closedAt),
    closedBy,
  };
}
