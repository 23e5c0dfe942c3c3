import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * A day's recoveries in a row for each cell, with how long they took beside it as `bin:count bin:count …`: as a row for each
 * length of time there were nearly as many rows as recoveries, and a report by day read them all. Histograms written one behind the
 * other are their sum, so the text needs no reading in the database. Not safe beside the previous version, which writes the
 * table in its old shape: stop that one first. Counted anew from the quarters, in the background or by the first report.
 */
export class RecoveryDays1764100000702 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`truncate recovery_daily`);
    await runner.query(`alter table recovery_daily drop column within_bin, add column within_bins text not null`);
    await runner.query(
      `insert into outcome_stale (journey_key, slot) select distinct journey_key, slot from entry_rollup order by slot`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
