import { type BenchOptions } from './arguments';
import { benchChains, DELAY_MS } from './chains';
import { type Started } from './children';
import { oneStepJourney } from './one-step-journey';
import { type Report } from './report';

const JOURNEY = oneStepJourney([`after: ${DELAY_MS / 1_000}s`]);

/** The same customers come again and again: a cap that bit would leave chains unfinished. It is counted all the same. */
const ENVIRONMENT = { WAPAS_CAP_PER_DAY: '1000' };

/** The whole chain with a journey of one step. */
export const benchChain = (options: BenchOptions, started: Started): Promise<Report> =>
  benchChains({ name: 'chain', journey: JOURNEY, environment: ENVIRONMENT, hasHoldout: false }, options, started);
