import { Injectable } from '@nestjs/common';
import { type Told, wants } from './rules/kinds';
import { type Endpoint } from './store/endpoint.store';

/** A deployment may have so many endpoints. */
export const MOST_ENDPOINTS = 20;

/**
 * What this process knows of endpoints, at most two seconds old: whether anybody wants a kind at all is asked for every bus event,
 * and costs a look into memory. Who gets it is decided by the rows.
 */
@Injectable()
export class KnownEndpoints {
  private endpoints: readonly Endpoint[] = [];

  set(endpoints: readonly Endpoint[]): void {
    this.endpoints = endpoints;
  }

  isWanted(kind: Told['kind']): boolean {
    return this.endpoints.some((one) => one.state === 'on' && wants(one.kinds, kind));
  }

  unreadable(): readonly Endpoint[] {
    return this.endpoints.filter(({ isReadable }) => !isReadable);
  }

  switchedOffByTrouble(): readonly Endpoint[] {
    return this.endpoints.filter(({ offBecause }) => offBecause === 'failing' || offBecause === 'gone');
  }

  /** Those that have been failing for an hour. */
  failing(now: number): readonly Endpoint[] {
    return this.endpoints.filter(
      ({ state, failingSince }) => state === 'on' && failingSince !== null && now - failingSince.getTime() > HOUR_MS,
    );
  }
}

const HOUR_MS = 3_600_000;
