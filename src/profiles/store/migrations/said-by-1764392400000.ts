import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Under which number, e-mail or name of WhatsApp's something was said that names no customer: who comes to be known by it later is bound
 * by what was taken back. Absent: it was said by a customer id, or before this was kept.
 */
export class SaidBy1764392400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table consent_entry add column said_by uuid`);
    await runner.query(`create index consent_said_by on consent_entry (said_by) where said_by is not null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
