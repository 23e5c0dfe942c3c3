import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Who stopped sending or held journeys, when and why. Only added to. Safe beside the version before. */
export class OperationAudit1764100000600 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table operation_audit (
        id      bigint generated always as identity primary key,
        act     text not null,
        subject text,
        actor   text not null,
        reason  text,
        at      timestamptz not null
      )`);
    await runner.query(`create index operation_audit_by_time on operation_audit (at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
