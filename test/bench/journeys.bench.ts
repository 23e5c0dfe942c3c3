import { type BenchOptions } from './arguments';
import { benchChains, DELAY_MS } from './chains';
import { type Started } from './children';
import { query } from './database-server';
import { fullRules } from './full-rules';
import { type Report } from './report';

/** The same customers come again and again: a cap that bit would leave chains unfinished. It is counted all the same. */
const CAP = '1000';

/** Everybody has agreed to service messages, once long ago and once more after taking it back. */
const CONSENTS = `
  insert into consent_entry (id, person_id, purpose, channel, state, at, recorded_at, source)
  select gen_random_uuid(), p.id, 'service', said.channel, said.state, business_now() - said.ago, business_now(), 'bench'
  from person p cross join (values ('all', 'granted', interval '90 days'), ('push', 'withdrawn', interval '60 days'),
                                   ('push', 'granted', interval '30 days')) as said (channel, state, ago)`;

/**
 * The whole chain with every rule of the journey format in use: conditions, entry hold, goals by several keys, exits,
 * postponement, sending hours, variants, signals, caps of run and person, consent for each send, and a holdout of ten percent.
 */
export const benchJourneys = (options: BenchOptions, started: Started): Promise<Report> =>
  benchChains(
    {
      name: 'journeys',
      journey: fullRules(`${DELAY_MS / 1_000}s`),
      environment: { WAPAS_CAP_PER_DAY: CAP, WAPAS_SERVICE_OPT_IN: 'push,whatsapp' },
      customers: async (url) => void (await query(url, CONSENTS)),
      hasHoldout: true,
    },
    options,
    started,
  );
