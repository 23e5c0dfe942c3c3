import { type Replay, type ReplayProgress } from './store/replay.store';

/** A piece of a replay that is worked off: all that is known by now, and the lines that came with it. */
export type WorkedPiece = ReplayProgress;

/** A kind of replay. */
export interface ReplayWork {
  /**
   * Pieces of at most a few seconds each; null: it has got on, and has nothing to keep yet. Ends when there is no more; whoever stops
   * asking has stopped it.
   */
  work(replay: Replay): AsyncGenerator<WorkedPiece | null>;
}
