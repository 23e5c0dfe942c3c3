import { WatchIncidents } from '../../src/journeys/incidents/watch-incidents';
import { type World } from './world';

/** Sums up and judges now. A look of the loop's own that is under way began at an earlier hour, and would let this one pass by. */
export async function lookForIncidents(world: World): Promise<void> {
  const watch = world.app.get(WatchIncidents);
  await watch.stop();
  await watch.look();
  watch.start();
}
