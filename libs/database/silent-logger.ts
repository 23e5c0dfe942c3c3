import { AbstractLogger } from 'typeorm';

/**
 * TypeORM tells of a migration that failed on the console, whatever its `logging` says: in a stream of JSON lines, and once for every
 * try of one that waits. What fails reaches its caller as an error, who tells our own log.
 */
export class SilentLogger extends AbstractLogger {
  protected writeLog(): void {}
}
