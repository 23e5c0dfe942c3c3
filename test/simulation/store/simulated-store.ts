import { Postgres, type Wire } from './postgres';
import { Tables } from './tables';
import { twinsOfBus } from './twins-of-bus';
import { twinsOfEvents } from './twins-of-events';
import { twinsOfMessages } from './twins-of-messages';
import { twinsOfPayments } from './twins-of-payments';
import { twinsOfPeople } from './twins-of-people';
import { twinsOfRuns } from './twins-of-runs';
import { twinsOfSpend } from './twins-of-spend';

/** The tables of the send path, empty, behind a server that answers the statements of the send path. */
export function simulatedStore(wire: Wire): { server: Postgres; tables: Tables } {
  const tables = new Tables();
  const twins = {
    ...twinsOfBus(tables),
    ...twinsOfEvents(tables),
    ...twinsOfPeople(tables),
    ...twinsOfRuns(tables),
    ...twinsOfMessages(tables),
    ...twinsOfSpend(tables),
    ...twinsOfPayments(tables),
  };
  return { server: new Postgres(wire, new Map(Object.entries(twins))), tables };
}
