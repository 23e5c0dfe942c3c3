import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * A run that is parked ends when its window does, however long its journey stays paused: until now nothing looked at it again, and what
 * is known of a customer stayed for as long.
 *
 * Safe beside the previous version. What that one parks meanwhile still waits for its journey to go on.
 */
export class EndsOfParkedRuns1764390900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`update run set due_at = expires_at where memory ? 'parked' and ended_at is null and due_at is null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
