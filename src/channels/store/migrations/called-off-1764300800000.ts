import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Why no further call may be made for a message that is being called just now: its run ended meanwhile, or began anew. Safe beside the
 * version before, which neither writes nor asks it.
 */
export class CalledOff1764300800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table message add column called_off text`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
