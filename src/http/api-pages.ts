import { ApiResponse } from '@nestjs/swagger';

/** Documents an answer that is a page for people. */
export const ApiPage = (status: number, description: string): MethodDecorator & ClassDecorator =>
  ApiResponse({ status, description, content: { 'text/html': { schema: { type: 'string' } } } });
