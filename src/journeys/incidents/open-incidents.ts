import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { RailsDown } from '../../channels/channels.api';
import { type JourneyVersion } from '../rules/definition';
import { type ParkReason, type RunState } from '../rules/run';
import { DIMENSIONS, isDownFor, nameOf, type Rail, railsOf } from './rules/rail';
import { type Incident, incidentStore } from './store/incident.store';

/**
 * The incidents that hold runs at this moment, in memory: every due run is asked about them. Looked up again every few
 * seconds by whoever watches, and at once where one is opened or closed.
 */
@Injectable()
export class OpenIncidents {
  private incidents: readonly Incident[] = [];

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RailsDown) private readonly railsDown: RailsDown,
  ) {}

  /** Messages that are planned already are held by the same incidents, at their claim. */
  async refresh(): Promise<void> {
    this.incidents = await incidentStore.open(this.database);
    this.railsDown.set(
      this.incidents.map((incident) => ({ rail: nameOf(incident), gateway: incident.gateway, reason: reasonOf(incident) })),
    );
  }

  get all(): readonly Incident[] {
    return this.incidents;
  }

  /** Why this run must wait, because what its trigger went over is down; undefined: it need not. */
  parkReasonOf(version: JourneyVersion, run: RunState): ParkReason | undefined {
    if (this.incidents.length === 0 || version.incidents === 'ignore' || version.steps[run.nextStep]?.mandatory) return undefined;
    const rails = railsOf(run.facts);
    const down = new Set(this.incidents.filter((incident) => isDownFor(rails, incident)).map(({ dimension }) => dimension));
    const dimension = DIMENSIONS.find((one) => down.has(one));
    return dimension && reasonOf({ dimension });
  }
}

const reasonOf = ({ dimension }: Pick<Rail, 'dimension'>) => `incident_of_${dimension}` as const;
