import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AccessGuard } from './access.guard';
import { Authenticate } from './authenticate';
import { KeysController } from './http/keys.controller';
import { OperationAuditController } from './http/operation-audit.controller';
import { ListKeys } from './list-keys';
import { ListOperations } from './list-operations';
import { ApiKeyStore } from './store/api-key.store';

@Global()
@Module({
  controllers: [KeysController, OperationAuditController],
  providers: [
    Authenticate,
    ListKeys,
    ListOperations,
    { provide: ApiKeyStore, useFactory: (dataSource: DataSource) => new ApiKeyStore(dataSource), inject: [DataSource] },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Authenticate, ListKeys],
})
export class AccessModule {}
